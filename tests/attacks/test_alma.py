"""ALMA: on linear models the shortest change is known, of two classes and of many."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import ROUNDING
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import DUAL, length
from explorer.core.types import Threat

alma = ATTACKS["alma"].run
LOOKS = 4  # of the final search
norms = pytest.mark.parametrize("norm", ["l2", "l1"])


class Shift(nn.Module):
    """Add to the first of two logits."""

    def __init__(self, amount: float) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.tensor([amount, 0.0]))

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits + self.shift


@norms
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, norm, targeted):
    """In l1 one value alone should move; the others cease to oscillate only in a long run."""
    close = nn.Sequential(linear.model, Shift(1.0 - float(linear.margin[0])))  # a margin of 1, short of the walls
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    x_adv = alma(close, linear.x, goal, Threat(norm, 0.0), steps=100 if norm == "l2" else 600)
    best = 1.0 / length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(length(x_adv - linear.x, norm), best.expand(3), rtol=0.01, atol=0)


@norms
@pytest.mark.parametrize("classes", [2, 3, 12])
def test_of_many_classes_it_finds_the_nearest_for_most(classes, norm):
    """A linear model's boundary is the least of (z_y - z_t) / ||w_t - w_y||_dual away, and rounding a little more.

    It climbs towards the likeliest class, and so may end at the plane of one that is not the nearest.
    """
    model, rng = nn.Linear(16, classes), generator(classes)
    model.weight.data = torch.randn((classes, 16), generator=rng)
    model.bias.data = -model.weight.detach() @ torch.full((16,), 0.5)
    x = 0.5 + 0.02 * torch.randn((20, 16), generator=rng)
    logits = model(x).detach()
    y = logits.argmax(1)
    apart = (model.weight.detach()[y][:, None] - model.weight.detach()).flatten(0, 1)
    gaps = logits.gather(1, y[:, None]) - logits + ROUNDING * logits.abs().amax(1, keepdim=True)
    best = (gaps / length(apart, DUAL[norm]).view(20, classes)).scatter(1, y[:, None], torch.inf).amin(1)
    result = run_attack("alma", model, x, Goal(y), Threat(norm, 0.1), knobs={"steps": 1000})
    assert result.success.all()
    ratio = result.distance[norm] / best.numpy()
    assert ratio.min() > 0.99
    assert np.median(ratio) < 1.01


@norms
@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(cnn, norm, factor):
    class Scaled(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return cnn.model(x) * factor

    plain, scaled = (alma(m, cnn.x, Goal(cnn.y), Threat(norm, 0.0), steps=20) for m in (cnn.model, Scaled()))
    torch.testing.assert_close(length(scaled - cnn.x, norm), length(plain - cnn.x, norm), rtol=1e-2, atol=1e-6)


def test_the_first_step_is_of_a_set_length_walls_or_not(linear):
    """Four hundredths of the longest way; up to 1 / sqrt(alpha), by which RMSProp lengthens it."""
    x = linear.x.clone()
    x.view(3, 64)[:, ::2] = (linear.w[::2] < 0).float()  # half of the values at the wall that the step would cross
    goal = Goal((linear.model(x)[:, 0] < 0).long())
    result = run_attack("alma", linear.model, x, goal, Threat("l2", 0.0), knobs={"steps": 5}, path=True)
    step = result.path["distance"][1] / (0.04 * length(torch.maximum(x, 1 - x), "l2").numpy())
    assert step.min() > 0.99
    assert step.max() < 2**0.5 + 1e-3


@norms
def test_it_costs_a_pass_for_every_step_and_the_looks(cnn, norm):
    result = run_attack("alma", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0.0), knobs={"steps": 60})
    assert result.success.all()
    assert result.images == 6 * (60 + 1 + LOOKS)
