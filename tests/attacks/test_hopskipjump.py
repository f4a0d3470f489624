"""Truths about HopSkipJump: the distance to a plane, answers alone, and no more of them than it says."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.hopskipjump import _normal, _Oracle, _to_the_boundary
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import DUAL, length
from explorer.core.progress import silent
from explorer.core.types import Threat

NORMS = ("l2", "linf")
hopskipjump = ATTACKS["hopskipjump"].run
both = pytest.mark.parametrize("norm", NORMS)


class Answers(nn.Module):
    """A model of which nothing is left but the class it names."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model, self.asked = model, []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert not torch.is_grad_enabled()
        self.asked.append(len(x))
        logits = self.model(x)
        return nn.functional.one_hot(logits.argmax(1), logits.shape[1]).to(x.dtype)


@both
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_comes_near_the_distance_to_the_plane(linear, norm, targeted):
    """|w·x| / ||w||_dual is the least there is; the start is a corner of the box, not the best."""
    label = (linear.margin < 0).long()
    goal = Goal(1 - label, targeted=True) if targeted else Goal(label)
    way = (linear.margin[0] * linear.w).sign() * (torch.rand(64, generator=generator(0)) - 0.2).sign()
    corner = (0.5 - 0.5 * way).view(1, 1, 8, 8)
    least = (linear.margin.abs() / length(linear.w[None], DUAL[norm])).numpy()
    few, many = (
        run_attack("hopskipjump", linear.model, linear.x, goal, Threat(norm, 0), knobs={"queries": q}, crowd=corner)
        for q in (200, 5000)
    )
    assert many.success.all()
    assert (many.distance[norm] >= least).all()
    assert (many.distance[norm] <= 1.12 * least).all()
    assert (many.distance[norm] < few.distance[norm]).all()


@both
def test_it_uses_the_answers_alone(cnn, norm):
    """A model that says no more than which class gives the same picture."""
    goal, knobs = Goal(cnn.y), {"queries": 300, "crowd": cnn.x}
    with torch.no_grad():
        plain, bare = (
            hopskipjump(model, cnn.x, goal, Threat(norm, 0), **knobs, rng=generator(0))
            for model in (cnn.model, Answers(cnn.model))
        )
    assert torch.equal(plain, bare)
    assert (plain != cnn.x).flatten(1).any(1).all()


@both
@pytest.mark.parametrize("queries", [50, 333, 1000])
def test_it_asks_no_more_than_it_says(cnn, norm, queries):
    """Beside 64 pictures of noise, once for all."""
    model = Answers(cnn.model)
    with torch.no_grad():
        hopskipjump(model, cnn.x, Goal(cnn.y), Threat(norm, 0), queries=queries, crowd=cnn.x[:0], rng=generator(0))
    assert 6 * (queries - 1) - 5 * 2 * 15 <= sum(model.asked) - 64 <= 6 * queries  # the first to land wait for the last


@both
def test_the_normal_of_a_plane_is_found(linear, norm):
    """At a point of the plane, half of the probes reach the goal: their mean is along w."""
    x = linear.x - (linear.margin / linear.w.norm() ** 2)[:, None, None, None] * linear.w.view(1, 1, 8, 8)
    goal = Goal(torch.zeros(3, dtype=torch.long))  # to be left: the margin w·x is to fall
    found = _normal(_oracle(linear.model), x, goal, torch.full((3,), 0.05), 4000, norm, generator(0))
    cosine = nn.functional.cosine_similarity(found.flatten(1), -linear.w[None])
    assert (cosine > 0.95).all()


@both
def test_the_binary_search_ends_at_the_boundary(linear, norm):
    goal, theta = Goal((linear.margin < 0).long()), 1e-4
    beyond = linear.x - 3 * (linear.margin / linear.w.norm() ** 2)[:, None, None, None] * linear.w.view(1, 1, 8, 8)
    x_t = _to_the_boundary(_oracle(linear.model), linear.x, beyond, goal, norm, theta)
    assert goal.reached(linear.model(x_t)).all()
    whole, there = (length(point - linear.x, norm) for point in (beyond, x_t))
    if norm == "l2":
        torch.testing.assert_close(there, whole / 3, atol=1e-6, rtol=3 * theta)
    inner = linear.x + (x_t - linear.x) * (1 - 10 * theta)
    assert not goal.reached(linear.model(inner)).any()
    assert (there < whole).all()


def _oracle(model: nn.Module) -> _Oracle:
    return _Oracle(model, 100_000, silent)


def test_a_wanted_class_starts_from_the_crowd(cnn):
    """Noise never says the wanted class here; a picture of the crowd does."""

    class Corner(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            bright = (x.flatten(1).mean(1, keepdim=True) - 0.9) * 100
            return torch.cat([-bright, bright], 1)

    x, white = torch.rand((4, 1, 8, 8), generator=generator(1)) / 2, torch.ones(1, 1, 8, 8)
    goal = Goal(torch.ones(4, dtype=torch.long), targeted=True)
    settings = {"queries": 400, "rng": generator(0)}
    with torch.no_grad():
        reached = hopskipjump(Corner(), x, goal, Threat("l2", 0), crowd=white, **settings)
        alone = hopskipjump(Corner(), x, goal, Threat("l2", 0), crowd=x, **settings)
    assert (reached.flatten(1).mean(1) > 0.9).all()
    assert torch.equal(alone, x)  # nowhere to start


@both
def test_the_path_begins_at_the_start_and_ends_shorter(cnn, norm):
    result = run_attack(
        "hopskipjump", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0), path=True, knobs={"queries": 800}
    )
    distance = result.path["distance"]
    assert len(distance) >= 5
    assert (result.path["margin"][0] < 0).all()
    assert (distance[-1] < distance[0]).all()
    np.testing.assert_allclose(distance.min(0), result.distance[norm], rtol=1e-5)


def test_queries_never_make_it_longer(cnn):
    found = [
        run_attack("hopskipjump", cnn.model, cnn.x, Goal(cnn.y), Threat("l2", 0), knobs={"queries": q}).distance["l2"]
        for q in (150, 1000, 4000)
    ]
    assert np.median(found[2]) < np.median(found[1]) < np.median(found[0])
    assert math.isfinite(found[2].sum())
