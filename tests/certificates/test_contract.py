"""What every certificate promises, in each of its norms."""

import inspect
from typing import get_args

import numpy as np
import pytest
import torch
from proving import points
from torch import nn

from explorer.attacks.run import run_attack
from explorer.certificates import CERTIFICATES, Gives, Says
from explorer.certificates.ball import Ball
from explorer.certificates.run import certified, margins, radii
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, NORMS
from explorer.core.progress import Cancelled
from explorer.core.types import Threat

CASES = [(entry.name, norm) for entry in CERTIFICATES.values() for norm in entry.facts["norms"]]
OF_THE_MODEL = [(name, norm) for name, norm in CASES if CERTIFICATES[name].facts["says"] != "probable"]
POINTS = 10_000

contract = pytest.mark.parametrize(("name", "norm"), CASES)
of_the_model = pytest.mark.parametrize(("name", "norm"), OF_THE_MODEL)
FOUND: dict[tuple[str, str, str], object] = {}


def usual(subject, name, norm):
    """Return the radii of a few pictures: the same for all who ask."""
    key = (subject.name, name, norm)
    if key not in FOUND:
        settings = {"steps": 5} if "steps" in CERTIFICATES[name].knobs else {}
        FOUND[key] = radii(name, subject.model, subject.x, subject.y, norm, 3 * subject.radius(norm), knobs=settings)
    return FOUND[key]


@contract
def test_the_radii_are_whole(learned, name, norm):
    found = usual(learned, name, norm)
    assert found.radius.shape == found.correct.shape == found.trials.shape == (len(learned.x),)
    assert found.radius.dtype == np.float64
    assert found.says == CERTIFICATES[name].facts["says"]
    assert (found.trials >= found.correct).all()
    assert found.seconds > 0
    assert found.correct.all()
    assert (found.radius > 0).any()


@of_the_model
def test_random_points_and_corners_of_a_certified_ball_keep_the_label(learned, name, norm):
    found = usual(learned, name, norm)
    for i, radius in enumerate(found.radius):
        x = points(learned.x[i], norm, float(radius), POINTS, generator(i))
        assert (learned.model(x).argmax(1) == learned.y[i]).all()


@of_the_model
def test_no_attack_succeeds_within_a_certified_ball(learned, name, norm):
    found, goal = usual(learned, name, norm), Goal(learned.y)
    for i, radius in enumerate(found.radius):
        threat = Threat(norm, float(radius))
        result = run_attack("pgd", learned.model, learned.x[i : i + 1], goal[i : i + 1], threat, knobs={"steps": 20})
        assert not result.success.any()


@contract
def test_nothing_is_certified_of_a_misclassified_picture(learned, name, norm):
    wrong = (learned.y + 1) % 2
    found = radii(name, learned.model, learned.x[:2], wrong[:2], norm, learned.radius(norm))
    mistaken = learned.y[:2] != wrong[:2]
    assert not found.correct[mistaken.numpy()].any()
    assert not found.radius[mistaken.numpy()].any()
    assert not certified(name, learned.model, learned.x[:2], wrong[:2], norm, 0.0)[mistaken.numpy()].any()


@of_the_model
def test_in_a_ball_of_radius_0_the_clean_answer_is_certified(learned, name, norm):
    assert certified(name, learned.model, learned.x, learned.y, norm, 0.0).all()


@contract
def test_equal_seed_equal_radii(learned, name, norm):
    first, settings = usual(learned, name, norm), {"steps": 5} if "steps" in CERTIFICATES[name].knobs else {}
    limit = 3 * learned.radius(norm)
    again = radii(name, learned.model, learned.x, learned.y, norm, limit, knobs=settings)
    assert np.array_equal(first.radius, again.radius)
    assert np.array_equal(first.trials, again.trials)


@contract
def test_a_certificate_called_by_hand_gives_what_it_says(learned, name, norm):
    entry, ball = CERTIFICATES[name], Ball(learned.x, norm, torch.full((len(learned.x),), learned.radius(norm)))
    extra = {"rng": generator(0)} if "rng" in inspect.signature(entry.run).parameters else {}
    found = entry.run(learned.net, ball, learned.y, **extra)
    if entry.facts["gives"] == "margins":
        assert found.shape == (len(learned.x), learned.net.classes)
        assert found[torch.arange(len(found)), learned.y].eq(torch.inf).all()
        assert found.isinf().sum() == len(found)
    else:
        assert found.shape == (len(learned.x),)
        assert ((found >= 0) & (found <= ball.eps)).all()


@contract
def test_the_caller_s_model_stays_as_it_is(learned, name, norm):
    before = {key: value.clone() for key, value in learned.model.state_dict().items()}
    x, state = learned.x.clone(), torch.get_rng_state()
    usual(learned, name, norm)
    assert all(torch.equal(before[key], value) for key, value in learned.model.state_dict().items())
    assert torch.equal(learned.x, x)
    assert torch.equal(torch.get_rng_state(), state)


@contract
def test_who_cancels_is_heard(learned, name, norm):
    def tick(done: int, total: int, note: str = "") -> None:
        raise Cancelled

    if "tick" not in inspect.signature(CERTIFICATES[name].run).parameters:
        assert CERTIFICATES[name].facts["gives"] == "radius"  # at once
        return
    with pytest.raises(Cancelled):
        radii(name, learned.model, learned.x, learned.y, norm, learned.radius(norm), tick=tick)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_bad_input_is_refused_in_a_sentence(learned, name):
    norm = CERTIFICATES[name].facts["norms"][0]
    x, y = learned.x[:1], learned.y[:1]
    for other in set(NORMS) - set(CERTIFICATES[name].facts["norms"]):
        with pytest.raises(UserError, match=f"does not work in {other}"):
            radii(name, learned.model, x, y, other, 0.1)
    for limit in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(UserError, match="limit"):
            radii(name, learned.model, x, y, norm, limit)
    with pytest.raises(UserError, match="no parameter 'speed'"):
        radii(name, learned.model, x, y, norm, 0.1, knobs={"speed": 1})
    with pytest.raises(UserError, match="label = 99"):
        radii(name, learned.model, x, torch.tensor([99]), norm, 0.1)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_what_is_known_of_a_certificate_is_complete(name):
    entry = CERTIFICATES[name]
    text = inspect.getdoc(entry.run) or ""
    assert entry.facts["gives"] in get_args(Gives)
    assert entry.facts["says"] in get_args(Says)
    assert entry.facts["norms"]
    assert set(entry.facts["norms"]) <= set(CONVEX)
    assert "Returns" in text
    assert entry.paper or "References" in text
    assert all(knob.kind.text for knob in entry.knobs.values())


def test_a_model_with_an_unknown_layer_is_refused():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2)).eval()
    with pytest.raises(UserError, match=r"its layer 2 \(Sigmoid\)"):
        margins("crown", *_asked(model))


def _asked(model: nn.Module):
    from explorer.certificates.network import read

    x = torch.rand(1, 4)
    return read(model, (4,)), Ball(x, "linf", torch.tensor([0.1])), torch.tensor([0])
