"""Truths about sigma-zero: the fewest pixels on linear models, of few classes and many, and what counts as a pixel."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import Track
from explorer.attacks.run import run_attack
from explorer.attacks.sigma_zero import SIGMA, _put_back, _rise_of_count
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

sigma_zero = ATTACKS["sigma_zero"].run
L0 = Threat("l0", 0)


def planes(classes: int, channels: int = 1) -> nn.Module:
    """Return a linear model of 8 by 8 pixels."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64 * channels, classes))
    model[1].weight.data = torch.randn((classes, 64 * channels), generator=generator(4))
    model[1].bias.data = torch.zeros(classes)
    return model.eval()


def fewest(model: nn.Module, x: torch.Tensor, start: int, end: int) -> int:
    """Return how few pixels of one picture lift a logit above another: those that give most on their way to a wall."""
    w = (model[1].weight.detach()[end] - model[1].weight.detach()[start]).view(x.shape)
    gains = (w * torch.where(w > 0, 1 - x, -x)).sum(0).flatten().sort(descending=True).values.cumsum(0)
    logits = model(x[None])[0].detach()
    return int((gains <= logits[start] - logits[end]).sum()) + 1


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_changes_the_fewest_pixels(linear, targeted):
    """From the middle of the box a pixel gives |w_d| / 2: the fewest are the largest that together give the margin."""
    label = (linear.margin < 0).long()
    goal = Goal(1 - label, targeted=True) if targeted else Goal(label)
    x_adv = sigma_zero(linear.model, linear.x, goal, L0)
    gains = linear.w.abs().sort(descending=True).values.cumsum(0) / 2
    needed = int((gains <= linear.margin[0].abs()).sum()) + 1
    assert 1 < needed < 64
    assert length(x_adv - linear.x, "l0").tolist() == [needed] * 3
    assert goal.reached(linear.model(x_adv)).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("classes", [2, 3, 14])
def test_of_many_classes_it_finds_that_of_the_fewest_pixels(classes, channels):
    model, x = planes(classes, channels), torch.rand((8, channels, 8, 8), generator=generator(5))
    y = model(x).argmax(1)
    result = run_attack("sigma_zero", model, x, Goal(y), L0)
    needed = np.array(
        [min(fewest(model, a, b, k) for k in range(classes) if k != b) for a, b in zip(x, y, strict=True)]
    )
    more = result.distance["l0"] - needed
    assert result.success.all()
    assert (more >= 0).all()
    assert more.max() <= 1
    assert (more == 0).mean() > 0.8


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (4, 6)])
def test_the_count_it_descends_is_of_pixels(shape):
    """Its gradient against that of mean_p h_p / (h_p + sigma), h_p the sum of squares over a pixel's channels."""
    delta = (torch.randn(shape, generator=generator(6)) * 0.1).requires_grad_(True)
    height = delta.square().sum(1) if delta.ndim == 4 else delta.square()
    count = (height / (height + SIGMA)).flatten(1).mean(1).sum()
    torch.testing.assert_close(_rise_of_count(delta.detach()), torch.autograd.grad(count, delta)[0])


def test_a_pixel_that_is_not_needed_is_put_back(linear):
    """Beside the fewest, twelve pixels that were moved a little: the least changed go first, and all of them."""
    goal = Goal((linear.margin < 0).long())
    x_adv = sigma_zero(linear.model, linear.x, goal, L0)
    idle = (x_adv == linear.x).flatten(1)[0].nonzero()[:12, 0]
    x_more = x_adv.flatten(1).clone()
    x_more[:, idle] += 0.01 * linear.margin.sign()[:, None] * -linear.w[idle].sign()
    x_more = x_more.view_as(x_adv)
    track = Track(linear.x, goal, "l0", smallest=True)
    track.see(x_more, linear.model(x_more))
    _put_back(linear.model, goal, track, 12, lambda _i: None)
    assert torch.equal(track.best, x_adv)


def test_an_image_with_one_changed_pixel_costs_no_more():
    model, x = planes(2, 3), torch.rand((8, 3, 8, 8), generator=generator(5))
    result = run_attack("sigma_zero", model, x, Goal(model(x).argmax(1)), L0, knobs={"steps": 100})
    single = (result.distance["l0"] == 1).sum()
    assert 0 < single < 8
    assert (8 - single) * 101 < result.images < (8 - single) * (101 + 10) + single * 50


@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(cnn, factor):
    """Scaled logits leave every decision as it was, and so the search."""

    class Scaled(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return cnn.model(x) * factor

    goal = Goal(cnn.y)
    plain, scaled = (length(sigma_zero(m, cnn.x, goal, L0) - cnn.x, "l0") for m in (cnn.model, Scaled()))
    torch.testing.assert_close(scaled, plain, rtol=0, atol=1)
