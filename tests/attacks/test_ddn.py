"""Truths about DDN: the nearest point of a plane, inside the box as well, and the radius of every step."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

ddn = ATTACKS["ddn"].run
L2 = Threat("l2", 0.0)


def of(count: int, label: int = 0, targeted: bool = False) -> Goal:
    return Goal(torch.full((count,), label), targeted)


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, targeted):
    x_adv = ddn(linear.model, linear.x, of(3, int(targeted), targeted), L2)
    best = linear.margin / length(linear.w[None], "l2")
    torch.testing.assert_close(length(x_adv - linear.x, "l2"), best, rtol=0.01, atol=0)


def test_where_the_walls_are_near_the_nearest_point_of_the_box(linear):
    """The optimum is x - t·w cut off by the box, with t where the margin is 0: found by halving."""
    x = torch.rand((3, 1, 8, 8), generator=generator(1)) * 0.15
    bias = 4.0 - x.flatten(1) @ linear.w

    class Shifted(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return linear.model(x) + torch.stack([bias, 0 * bias], 1)  # a margin of 4 each

    low, high = torch.zeros(3, 1), torch.full((3, 1), 100.0)
    for _ in range(60):
        t = (low + high) / 2
        beyond = ((x.flatten(1) - t * linear.w).clamp(0, 1) @ linear.w + bias < 0)[:, None]
        low, high = torch.where(beyond, low, t), torch.where(beyond, t, high)
    best = length((x.flatten(1) - high * linear.w).clamp(0, 1) - x.flatten(1), "l2")
    unbound = 4.0 / length(linear.w[None], "l2")
    assert (best > 1.05 * unbound).all()  # the walls do matter
    found = length(ddn(Shifted(), x, of(3), L2, steps=100) - x, "l2")
    torch.testing.assert_close(found, best, rtol=0.01, atol=0)


def test_the_radius_grows_to_the_goal_lingers_shrinks_and_settles(linear):
    result = run_attack("ddn", linear.model, linear.x, of(3), L2, path=True)
    distance, margin = result.path["distance"][:, 0], result.path["margin"][:, 0]
    first = int((margin < 0).argmax())
    np.testing.assert_allclose(distance[1:first] / distance[2 : first + 1], 1 / 1.3, rtol=1e-4)
    assert distance[first + 1] == pytest.approx(distance[first] * 0.999, rel=1e-4)
    late = distance[-15:]
    assert np.ptp(late) < 0.02 * late.mean()
    assert ((margin[-15:] < 0).any(), (margin[-15:] > 0).any()) == (True, True)


@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(linear, factor):
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return linear.model(x) * factor

    plain, scaled = (ddn(m, linear.x, of(3), L2) for m in (linear.model, Scaled()))
    torch.testing.assert_close(scaled, plain, atol=1e-5, rtol=0)


def test_it_costs_a_pass_there_and_back_for_every_step(cnn):
    result = run_attack("ddn", cnn.model, cnn.x, Goal(cnn.y), L2, knobs={"steps": 7})
    assert result.images == 6 * (7 + 1)
