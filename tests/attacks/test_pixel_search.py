"""Truths about the random search for pixels: the optimum of small problems, scores alone, and its bookkeeping."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.pixel_search import _stage
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

search = ATTACKS["pixel_search"].run


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("count", [1, 3])
def test_on_a_linear_model_it_finds_the_strongest_pixels(linear, targeted, count):
    """From the middle of the box so many pixels lower w·x by at most the sum of the largest |w_d| / 2."""
    goal, threat = Goal(torch.full((3,), int(targeted)), targeted), Threat("l0", count)
    x_adv = search(linear.model, linear.x, goal, threat, queries=800, rng=generator(0))
    best = linear.margin - linear.w.abs().topk(count).values.sum() / 2
    torch.testing.assert_close(x_adv.flatten(1) @ linear.w, best, atol=1e-4, rtol=1e-4)
    assert length(x_adv - linear.x, "l0").tolist() == [count] * 3


def test_colours_are_found_channel_by_channel():
    """Of three channels with weights of all signs the best colour of a pixel has a 0 or a 1 of its own in each."""
    w = torch.randn(3, 9, generator=generator(2))
    model = nn.Sequential(nn.Flatten(), nn.Linear(27, 2, bias=False))
    model[1].weight.data = torch.stack([w.flatten(), torch.zeros(27)])
    x = torch.full((2, 3, 3, 3), 0.5)
    x_adv = search(model, x, Goal(torch.zeros(2, dtype=torch.long)), Threat("l0", 1), queries=600, rng=generator(0))
    best = (x.flatten(1) @ w.flatten()) - w.abs().sum(0).max() / 2
    torch.testing.assert_close(x_adv.flatten(1) @ w.flatten(), best, atol=1e-4, rtol=1e-4)


def test_it_asks_as_often_as_it_says_and_never_for_a_gradient(cnn):
    asked = []

    class Scores(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert not torch.is_grad_enabled()
            assert not x.requires_grad
            asked.append(len(x))
            return cnn.model(x).detach()

    with torch.no_grad():
        search(Scores(), cnn.x, Goal(cnn.y), Threat("l0", 4), queries=37, rng=generator(0))
    assert asked == [6] * 37


def test_the_best_so_far_never_gets_worse_and_keeps_the_budget(cnn):
    result = run_attack(
        "pixel_search", cnn.model, cnn.x, Goal(cnn.y), Threat("l0", 5), knobs={"queries": 80}, stop=False, path=True
    )
    margin = result.path["margin"]
    assert len(margin) == 80
    assert (np.diff(margin, axis=0) <= 1e-6).all()
    assert (margin[-1] < margin[0]).any()
    assert (result.path["distance"] == 5).all()
    np.testing.assert_allclose(Goal(cnn.y).margin(torch.from_numpy(result.logits_adv)), margin[-1], atol=1e-5)


def test_a_changed_pixel_is_black_or_white_and_the_others_are_as_they_were(cnn):
    x_adv = search(cnn.model, cnn.x, Goal(cnn.y), Threat("l0", 5), queries=40, rng=generator(0))
    changed = x_adv != cnn.x
    assert set(x_adv[changed].tolist()) <= {0.0, 1.0}


def test_a_pixel_at_a_wall_is_given_the_other_colour(cnn):
    x = cnn.x.round()
    x_adv = search(cnn.model, x, Goal(cnn.y), Threat("l0", 7), queries=1, rng=generator(0))
    assert length(x_adv - x, "l0").tolist() == [7] * 6


def test_broken_images_leave(cnn):
    knobs = {"queries": 4}
    early, late = (
        run_attack("pixel_search", cnn.model, cnn.x, Goal(cnn.y), Threat("l0", 2), knobs=knobs, stop=stop)
        for stop in (True, False)
    )
    assert 0 < early.success.sum() < 6
    assert early.images < late.images == 6 * 4


def test_a_budget_of_every_pixel_and_more(cnn):
    result = run_attack("pixel_search", cnn.model, cnn.x, Goal(cnn.y), Threat("l0", 99), knobs={"queries": 20})
    assert result.distance["l0"].max() <= 63


def test_the_stages_scale_to_the_queries():
    assert [_stage(query, 10_000) for query in (1, 50, 51, 200, 9999)] == [2, 2, 4, 4, 20]
    assert [_stage(query, 100) for query in (1, 2, 3, 99)] == [4, 4, 5, 20]
