"""The cascades: what each stage is given, what it may count, and that together they are as strong as each alone."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS, left_out
from explorer.attacks import autoattack as cascade
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

QUICK = {"steps": 10, "queries": 30}
SOME = {"linf": 0.03, "l2": 0.15, "l1": 0.3}  # budgets at which some of the six stand and some fall
STAGES = ["APGD-CE", "APGD-T", "FAB-T", "Square"]


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("targeted", [False, True])
def test_the_stages_account_for_everything(cnn, norm, targeted):
    goal = Goal(cnn.others if targeted else cnn.y, targeted)
    result = run_attack("autoattack", cnn.model, cnn.x, goal, Threat(norm, SOME[norm]), knobs=QUICK, batch=4)
    added, images, seconds = np.stack([*result.stages.values()]).T
    assert [*result.stages] == STAGES
    assert added.sum() == result.success.sum()
    assert images.sum() == result.images
    assert 0 < seconds.sum() <= result.seconds
    assert (added >= 0).all()


def test_what_it_leaves_out_is_said_where_it_is_left_out(subject):
    result = run_attack("autoattack", subject.model, subject.x, Goal(subject.y), Threat("linf", 0.01), knobs=QUICK)
    missing = left_out("autoattack", tuple(subject.x.shape[1:]))
    assert ("Square" in missing) == ("Square" not in result.stages)
    assert left_out("pgd", tuple(subject.x.shape[1:])) == ""


@pytest.mark.parametrize("norm", CONVEX)
def test_it_is_as_strong_as_each_stage(cnn, norm):
    threat = Threat(norm, SOME[norm])
    few, asked = {"steps": 30}, {"queries": 300}
    result = run_attack("autoattack", cnn.model, cnn.x, Goal(cnn.y), threat, knobs=few | asked)
    each = (("apgd", few), ("apgd", few | {"loss": "dlr-targeted"}), ("fab", few | {"way": "each"}), ("square", asked))
    for name, knobs in each:
        alone = run_attack(name, cnn.model, cnn.x, Goal(cnn.y), threat, knobs=knobs)
        assert (result.success >= alone.within(norm, threat.eps)).all()
    assert 0 < result.success.sum() < 6


@pytest.mark.parametrize("classes", [2, 3, 12])
@pytest.mark.parametrize("norm", CONVEX)
def test_on_linear_models_it_is_exact_for_any_number_of_classes(classes, norm):
    """A point falls exactly where some (z_y - z_t) / ||w_t - w_y||_dual is within the budget."""
    model, rng = nn.Linear(8, classes), generator(classes)
    model.weight.data = torch.randn((classes, 8), generator=rng)
    model.bias.data = -model.weight.detach() @ torch.full((8,), 0.5)
    x = 0.5 + 0.04 * torch.randn((30, 8), generator=rng)
    logits = model(x).detach()
    y = logits.argmax(1)
    apart = (model.weight.detach()[y][:, None] - model.weight.detach()).flatten(0, 1)
    ways = (logits.gather(1, y[:, None]) - logits) / length(apart, DUAL[norm]).view(30, classes)
    needed = ways.scatter(1, y[:, None], torch.inf).amin(1).numpy()
    threat = Threat(norm, float(np.median(needed)))
    result = run_attack("autoattack", model, x, Goal(y), threat, knobs={"steps": 30})
    clear = abs(needed / threat.eps - 1) > 1e-3
    assert np.array_equal(result.success[clear], needed[clear] < threat.eps)
    assert [*result.stages] == STAGES[:3]  # points have no squares


def test_what_fell_is_given_to_no_later_stage(cnn):
    """In the whole box all fall at once: the later stages cost nothing, whether or not the judge drops images."""
    for stop in (True, False):
        result = run_attack("autoattack", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 1.0), knobs=QUICK, stop=stop)
        assert result.success.all()
        assert result.stages["APGD-CE"][0] == 6
        assert [cost[1] for cost in result.stages.values()][1:] == [0, 0, 0]


def test_fab_counts_where_it_ends_inside_the_budget(cnn, monkeypatch):
    """Nobody but FAB moves: exactly those whose smallest change is within the budget fall, inside it."""
    full = run_attack("fab", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.0), knobs={"way": "each"})
    eps = float(np.median(full.distance["linf"])) * 1.02
    for other in ("apgd_cascade", "square"):
        monkeypatch.setattr(cascade, other, lambda *_, **__: None)
    result = run_attack("autoattack", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", eps))
    assert np.array_equal(result.success, full.within("linf", eps))
    assert 0 < result.success.sum() < 6
    assert result.stages["FAB-T"][0] == result.success.sum()


def test_the_standard_asks_so_many_times(cnn):
    """Out of reach: 101 gradients and three times as many towards the other classes, FAB's two a step, 5,000 tries."""
    result = run_attack("autoattack", cnn.model, cnn.x[:1], Goal(cnn.y[:1]), Threat("linf", 1e-5))
    ce, towards, walk, search = (int(images) for _, images, _ in result.stages.values())
    assert (ce, towards) == (101, 1 + 3 * 101)
    assert walk == 1 + 3 * 200 + 4 + 1
    assert 1000 < search <= 5000


def test_the_quick_cascade_is_the_first_two_stages(cnn):
    result = run_attack("apgd_cascade", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.03))
    assert [*result.stages] == STAGES[:2]
    alone = run_attack("apgd", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.03))
    assert result.stages["APGD-CE"][0] == alone.success.sum()
    assert "Not AutoAttack" in ATTACKS["apgd_cascade"].run.__doc__
    assert run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.03)).stages == {}
