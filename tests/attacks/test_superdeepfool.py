"""Truths about SuperDeepFool: perpendicular on planes, and never longer than DeepFool."""

import math

import pytest
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

superdeepfool, deepfool = ATTACKS["superdeepfool"].run, ATTACKS["deepfool"].run


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("knobs", [{}, {"m": 1}, {"m": 3, "n": 2}])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, targeted, knobs):
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    x_adv = superdeepfool(linear.model, linear.x, goal, Threat("l2", 0.0), **knobs)
    best = linear.margin / length(linear.w[None], "l2")
    torch.testing.assert_close(length(x_adv - linear.x, "l2"), best, rtol=0.01, atol=0)


class Circle(nn.Module):
    """Class 1 outside an ellipse around the middle."""

    def forward(self, x: Tensor) -> Tensor:
        inside = 0.16 - ((x - 0.5) ** 2 * torch.tensor([1.0, 4.0])).sum(1)
        return torch.stack([inside, torch.zeros_like(inside)], 1)


def test_a_curved_boundary_is_met_at_a_right_angle():
    """From (0.6, 0.6) the nearest point of the ellipse u² + 4v² = 0.16 (from the middle), by a fine search."""
    x, goal = torch.tensor([[0.6, 0.6]]), Goal(torch.zeros(1, dtype=torch.long))
    angle = torch.linspace(0, 2 * math.pi, 100_001)
    rim = torch.stack([0.4 * angle.cos(), 0.2 * angle.sin()], 1) + 0.5
    best = (rim - x).norm(dim=1).min().item()
    found = length(superdeepfool(Circle(), x, goal, Threat("l2", 0.0), rounds=10) - x, "l2").item()
    walked = length(deepfool(Circle(), x, goal, Threat("l2", 0.0)) - x, "l2").item()
    assert found == pytest.approx(best, rel=0.005)
    assert best < found < walked


def test_more_rounds_are_never_longer(cnn):
    one, five = (
        run_attack("superdeepfool", cnn.model, cnn.x, Goal(cnn.y), Threat("l2", 0.0), knobs={"rounds": n})
        for n in (1, 5)
    )
    assert (five.distance["l2"] <= one.distance["l2"] * 1.001).all()  # the last looks back may differ a little
    assert five.success.all()
