"""Truths about JSMA: the best pixels on linear models, what a pair sees that a pixel does not, and its limits."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.jsma import _best_pair
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

jsma = ATTACKS["jsma"].run
ways = pytest.mark.parametrize("change", ["either", "up", "down"])
kinds = pytest.mark.parametrize("by", ["pairs", "pixels"])


def planes(*weights: torch.Tensor) -> nn.Module:
    """Return a linear model with a logit for each weight vector."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(len(weights[0]), len(weights), bias=False))
    model[1].weight.data = torch.stack(weights)
    return model.eval()


def middle(count: int, pixels: int) -> torch.Tensor:
    return torch.full((count, 1, 1, pixels), 0.5)


@kinds
@ways
@pytest.mark.parametrize("count", [1, 4, 7])
def test_of_opposite_logits_it_takes_the_strongest_pixels(linear, by, change, count):
    """Logits w·x and -w·x: the saliency of a pixel is w_d², and the best that so many pixels can do is its order."""
    model, goal = planes(linear.w, -linear.w), Goal(torch.ones(3, dtype=torch.long), targeted=True)
    x_adv = jsma(model, linear.x, goal, Threat("l0", count), by=by, change=change)
    movable = {"either": linear.w.abs(), "up": -linear.w, "down": linear.w}[change]
    strongest = movable.topk(count).indices
    expected = linear.x.flatten(1).clone()
    expected[:, strongest] = (linear.w[strongest] < 0).float()
    assert torch.equal(x_adv.flatten(1), expected)


@pytest.mark.parametrize("aim", ["runner-up", "decrease"])
def test_untargeted_goes_away_from_the_true_class(linear, aim):
    """Of two classes both aims are one: towards the other."""
    model = planes(linear.w, -linear.w)
    away = jsma(model, linear.x, Goal(torch.zeros(3, dtype=torch.long)), Threat("l0", 5), aim=aim)
    towards = jsma(model, linear.x, Goal(torch.ones(3, dtype=torch.long), targeted=True), Threat("l0", 5))
    assert torch.equal(away, towards)


def test_the_aims_differ():
    """The runner-up (class 1) rises best with pixel 1; the true class falls best, the others rising, with pixel 2."""
    model = planes(*torch.tensor([[1.0, -0.1, -0.9, 0], [0.9, 2.0, 0.1, 0], [0, -0.5, 1.5, 0]]))
    x, goal = middle(1, 4), Goal(torch.zeros(1, dtype=torch.long))
    x[..., 0] = 1
    model[1].bias = nn.Parameter(torch.tensor([5.0, 2.0, 0.0]))
    for aim, pixel in (("runner-up", 1), ("decrease", 2)):
        x_adv = jsma(model, x, goal, Threat("l0", 1), by="pixels", change="up", aim=aim)
        assert (x_adv != x).flatten().nonzero().flatten().tolist() == [pixel]


def test_a_pair_may_make_up_for_what_each_pixel_lacks():
    """Pixels 0 and 1 raise both logits, or lower both; together the wanted one rises by 2 and the other falls by 2."""
    model = planes(*torch.tensor([[1.0, -3.0, -0.1], [3.0, -1.0, 0.1]]))
    x, goal = middle(1, 3), Goal(torch.ones(1, dtype=torch.long), targeted=True)
    moved = {
        by: (jsma(model, x, goal, Threat("l0", 2), by=by, change="up") != x).flatten().tolist()
        for by in ("pairs", "pixels")
    }
    assert moved == {"pairs": [True, True, False], "pixels": [False, False, True]}


@kinds
def test_colour_counts_pixels_and_never_the_same_one_twice(by):
    model = planes(*torch.randn((3, 48), generator=generator(8)))
    x = torch.rand((5, 3, 4, 4), generator=generator(9)).mul(3).round().div(3)  # some channels at the walls
    goal = Goal((model(x).argmax(1) + 1) % 3, targeted=True)
    result = run_attack("jsma", model, x, goal, Threat("l0", 5), knobs={"by": by}, stop=False, path=True)
    assert result.path["distance"].max() <= 5
    assert (np.diff(result.path["distance"], axis=0) >= 0).all()
    moved = (result.x_adv != result.x).any(1)
    up = (result.x_adv == 1).all(1) | (result.x_adv == 0).all(1)
    assert (up | ~moved).all()  # all channels of a changed pixel go the same way, to the wall


def test_the_best_pair_is_the_best_of_all_pairs():
    """Against every pair in turn."""
    a, c = torch.randn((2, 40, 10), generator=generator(7)) - 0.5
    a[:, 3] = c[:, 3] = -torch.inf  # changed before
    best, found = _best_pair(a, c, 5)
    for i in range(40):
        pairs = [(p, q) for p in range(10) for q in range(10) if p % 5 != q % 5]
        sums = {(p, q): (float(a[i, p] + a[i, q]), float(c[i, p] + c[i, q])) for p, q in pairs}
        scores = {pair: one * two for pair, (one, two) in sums.items() if one > 0 and two > 0}
        assert bool(found[i]) == bool(scores)
        if scores:
            assert scores[tuple(best[i].tolist())] == pytest.approx(max(scores.values()))
    assert 0 < found.sum() < 40


def test_where_nothing_is_salient_it_gives_up():
    """All logits rise with every pixel: no move raises one and lowers the others."""
    model = planes(torch.ones(9), 2 * torch.ones(9), torch.ones(9))
    x, goal = torch.zeros(2, 1, 3, 3), Goal(torch.tensor([1, 1]))
    result = run_attack("jsma", model, x + 0.2, goal, Threat("l0", 9), knobs={"change": "up"})
    assert (result.distance["l0"] == 0).all()
    assert not result.success.any()


def test_more_pixels_than_the_picture_has_are_all_of_them(linear):
    model = planes(linear.w, -linear.w)
    x_adv = jsma(model, linear.x, Goal(torch.ones(3, dtype=torch.long), targeted=True), Threat("l0", 99))
    assert length(x_adv - linear.x, "l0").tolist() == [64] * 3
