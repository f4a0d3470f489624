"""Truths about SparseFool: the fewest pixels on linear models, its bounds, and what counts as a pixel."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.attacks.sparsefool import BEYOND, _boundary, _cross
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.types import Threat

sparsefool = ATTACKS["sparsefool"].run
L0 = Threat("l0", 0)


def planes(classes: int, channels: int = 1) -> nn.Module:
    """Return a linear model of 8 by 8 pixels."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64 * channels, classes))
    model[1].weight.data = torch.randn((classes, 64 * channels), generator=generator(4))
    model[1].bias.data = torch.zeros(classes)
    return model.eval()


def pictures(count: int, channels: int = 1) -> torch.Tensor:
    return torch.rand((count, channels, 8, 8), generator=generator(5))


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_moves_the_fewest_pixels(linear, targeted):
    """From the middle of the box a pixel gives |w_d| / 2: the fewest are the largest that together give the margin."""
    label = (linear.margin < 0).long()
    goal = Goal(1 - label, targeted=True) if targeted else Goal(label)
    x_adv = sparsefool(linear.model, linear.x, goal, L0, lam=1.0)
    gains = linear.w.abs().sort(descending=True).values.cumsum(0) / 2
    fewest = int((gains <= linear.margin[0].abs()).sum()) + 1
    assert 1 < fewest < 64
    assert length(x_adv - linear.x, "l0").tolist() == [fewest] * 3
    assert goal.reached(linear.model(x_adv)).all()


@pytest.mark.parametrize(("lam", "delta"), [(1.0, 255), (2.0, 255), (1.0, 40)])
def test_aiming_further_or_with_smaller_changes_takes_more_pixels(linear, lam, delta):
    """lam times the margin is to be covered, by at most delta / 255 in each pixel (and 1/2, the wall)."""
    goal = Goal((linear.margin < 0).long())
    x_adv = sparsefool(linear.model, linear.x, goal, L0, lam=lam, delta=delta)
    reach = min(0.5, delta / 255)
    gains = linear.w.abs().sort(descending=True).values.cumsum(0) * reach
    needed = int((gains < lam * linear.margin[0].abs() + BEYOND * linear.w.norm()).sum()) + 1
    assert length(x_adv - linear.x, "l0").tolist() == [needed] * 3
    assert (x_adv - linear.x).abs().max() <= reach + 1e-6


@pytest.mark.parametrize("classes", [2, 3, 14])
def test_the_boundary_of_a_linear_model_is_the_nearest_plane(classes):
    """DeepFool's first step is exact: min over k of (z_y - z_k) / ||w_k - w_y||, and its normal is that plane's."""
    model, x = planes(classes), pictures(5)
    y = model(x).argmax(1)
    r, normal = _boundary(model, x, Goal(y), lambda: None)
    logits, w = model(x).detach(), model[1].weight.detach()
    for i in range(5):
        ways = [
            (float((logits[i, y[i]] - logits[i, k]) / (w[k] - w[y[i]]).norm()), k) for k in range(classes) if k != y[i]
        ]
        far, nearest = min(ways)
        plane = (w[nearest] - w[y[i]]) / (w[nearest] - w[y[i]]).norm()
        torch.testing.assert_close(r[i].flatten(), far * plane, atol=2e-4, rtol=1e-3)
        torch.testing.assert_close(normal[i].flatten(), plane, atol=1e-5, rtol=0)


def test_a_targeted_boundary_is_that_of_the_wanted_class():
    model, x = planes(5), pictures(5)
    goal = Goal((model(x).argmax(1) + 2) % 5, targeted=True)
    r, _ = _boundary(model, x, goal, lambda: None)
    assert goal.reached(model(x + 1.02 * r)).all()
    assert (goal.margin(model(x + r)).abs() < 0.02 * goal.margin(model(x))).all()


def test_crossing_at_once_is_crossing_value_by_value():
    """Algorithm 1 as the paper writes it, one value after another."""
    rng = generator(6)
    x, w, low = (
        torch.rand((4, 3, 5, 5), generator=rng),
        torch.randn((4, 3, 5, 5), generator=rng),
        torch.zeros(4, 3, 5, 5),
    )
    w = w / length(w, "l2").view(4, 1, 1, 1)
    high, x_b = low + 1, x + 2 * w
    moved = _cross(x, w, x_b, low, high).flatten(1)
    for i in range(4):
        at, normal, point, left = x[i].flatten().clone(), w[i].flatten(), x_b[i].flatten(), set(range(75))
        while left and normal @ (at - point) < 0:
            d = max(left, key=lambda value: float(normal[value].abs()))
            at[d] += (normal @ (at - point) - BEYOND).abs() / normal[d].abs() * normal[d].sign()
            at = at.clamp(0, 1)
            left.remove(d)
        assert 10 < 75 - len(left) < 75
        torch.testing.assert_close(moved[i], at, atol=1e-4, rtol=0)


def test_a_pixel_of_three_channels_counts_once():
    model, x = planes(4, channels=3), pictures(4, channels=3)
    y = model(x).argmax(1)
    result = run_attack("sparsefool", model, x, Goal(y), L0)
    changed = (result.x_adv != result.x).reshape(4, 3, 64)
    assert result.success.all()
    assert np.array_equal(result.distance["l0"], changed.any(1).sum(1))
    assert (changed.sum((1, 2)) > changed.any(1).sum(1)).any()


def test_nothing_found_is_said(linear):
    """A model that no picture leads astray: no success, no crash, nothing but numbers."""

    class Wall(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.tensor([1.0, 0.0, -1.0]))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :3] * 1e-3 + 50 * self.bias

    result = run_attack("sparsefool", Wall().eval(), linear.x, Goal(torch.zeros(3, dtype=torch.long)), L0)
    assert not result.success.any()
    assert np.isfinite(result.x_adv).all()
