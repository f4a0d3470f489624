"""FMN: on linear models the shortest change is known in every norm, of two classes and of many."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import ROUNDING
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, NORMS, length
from explorer.core.types import Threat

fmn = ATTACKS["fmn"].run
LOOKS = 4  # of the final search, not in l0


def of(count: int, label: int = 0, targeted: bool = False) -> Goal:
    return Goal(torch.full((count,), label), targeted)


class Margin(nn.Module):
    """Add to the first of two logits."""

    def __init__(self, amount: float) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.tensor([amount, 0.0]))

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits + self.shift


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, norm, targeted):
    close = nn.Sequential(linear.model, Margin(1.0 - float(linear.margin[0])))  # a margin of 1, short of the walls
    x_adv = fmn(close, linear.x, of(3, int(targeted), targeted), Threat(norm, 0.0))
    best = 1.0 / length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(length(x_adv - linear.x, norm), best.expand(3), rtol=0.01, atol=0)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("margin", [0.5, 3.0, 10.0])
def test_on_a_linear_model_the_fewest_pixels(linear, margin, targeted):
    """In the middle of the box the pixels of largest |w| take off |w| / 2 each: as many as it takes."""
    close = nn.Sequential(linear.model, Margin(margin - float(linear.margin[0])))
    x_adv = fmn(close, linear.x, of(3, int(targeted), targeted), Threat("l0", 0.0))
    taken = (linear.w.abs().sort(descending=True).values / 2).cumsum(0)
    fewest = int((taken < margin).sum()) + 1
    assert length(x_adv - linear.x, "l0").tolist() == [fewest] * 3


def test_a_pixel_of_three_channels_counts_once():
    """Each of 16 pixels has its slope split over the channels; three of them are enough."""
    w = torch.randn((3, 4, 4), generator=generator(0))
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    taken = w.abs().sum(0).flatten().sort(descending=True).values / 2
    model[1].weight.data = torch.stack([w.flatten(), torch.zeros(48)])
    model[1].bias.data = torch.tensor([float(taken[:2].sum() + taken[2] / 2 - w.sum() / 2), 0.0])
    x = torch.full((2, 3, 4, 4), 0.5)
    assert length(fmn(model, x, of(2), Threat("l0", 0.0)) - x, "l0").tolist() == [3, 3]


@pytest.mark.parametrize("classes", [2, 3, 12])
@pytest.mark.parametrize("norm", CONVEX)
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
    result = run_attack("fmn", model, x, Goal(y), Threat(norm, 0.1))
    assert result.success.all()
    ratio = result.distance[norm] / best.numpy()
    assert ratio.min() > 0.99
    assert np.median(ratio) < 1.01


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(cnn, norm, factor):
    class Scaled(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return cnn.model(x) * factor

    plain, scaled = (fmn(m, cnn.x, Goal(cnn.y), Threat(norm, 0.0), steps=20) for m in (cnn.model, Scaled()))
    torch.testing.assert_close(length(scaled - cnn.x, norm), length(plain - cnn.x, norm), rtol=1e-2, atol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_it_costs_a_pass_for_every_step_and_the_looks(cnn, norm):
    result = run_attack("fmn", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0.0), knobs={"steps": 30})
    assert result.success.all()
    assert result.images == 6 * (30 + 1 + (0 if norm == "l0" else LOOKS))
