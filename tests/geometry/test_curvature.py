"""Curvatures of planes, balls and quadrics, which are known."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.geometry.curvature import curvature


class Quadric(nn.Module):
    """z_0 - z_1 = c'x - x'diag(a)x / 2 about the middle, so that -H = diag(a)."""

    def __init__(self, a: Tensor, c: Tensor) -> None:
        super().__init__()
        self.a, self.c = nn.Parameter(a), c

    def forward(self, x: Tensor) -> Tensor:
        z = x.flatten(1) - 0.5
        f = z @ self.c - (self.a * z**2).sum(1) / 2
        return torch.stack([f, torch.zeros_like(f)], dim=1)


def classes(count):
    return torch.zeros(count, dtype=torch.int64), torch.ones(count, dtype=torch.int64)


@pytest.mark.parametrize("step", [0.01, 0.1, 1.0])
def test_of_a_ball_one_over_its_radius(step):
    radius, d = 0.4, 12
    way = torch.nn.functional.normalize(torch.randn((5, d), generator=generator(0)), dim=1)
    found = curvature(Quadric(torch.ones(d), torch.zeros(d)), 0.5 + radius * way, *classes(5), step=step)
    for values in (found.mean, found.highest, found.lowest):
        np.testing.assert_allclose(values, 1 / radius, rtol=1e-3)
    inward = curvature(Quadric(torch.ones(d), torch.zeros(d)), 0.5 + radius * way, *classes(5)[::-1], step=step)
    np.testing.assert_allclose(inward.highest, -1 / radius, rtol=1e-3)


def test_of_a_quadric_its_extremes_within_the_boundary():
    """The normal is the first axis: the rest of the diagonal counts, the first entry does not."""
    a, c = torch.tensor([50.0, 3.0, -2.0, 1.0, 0.5, -1.0]), torch.tensor([2.0, 0, 0, 0, 0, 0])
    x = torch.full((400, 1, 2, 3), 0.5)
    found = curvature(Quadric(a, c), x, *classes(400))
    np.testing.assert_allclose(found.highest, 1.5, rtol=1e-3)
    np.testing.assert_allclose(found.lowest, -1.0, rtol=1e-3)
    assert found.mean.mean() == pytest.approx(float(a[1:].mean()) / 2, abs=0.03)
    assert found.mean.std() > 0


def test_of_a_plane_none(linear):
    found = curvature(linear.model, linear.x, *classes(4))
    for values in (found.mean, found.highest, found.lowest):
        np.testing.assert_allclose(values, 0, atol=1e-4)


def test_where_nothing_changes_nothing_is_said(linear):
    flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).requires_grad_(False).eval()
    flat[1].weight.data.zero_()
    found = curvature(flat, linear.x, *classes(4))
    assert np.isnan([found.mean, found.highest, found.lowest]).all()


def test_the_same_seed_gives_the_same_whatever_is_beside_it(network):
    labels, reached = classes(6)
    found, other = (curvature(network.model, network.x, labels, reached, seed=s) for s in (0, 1))
    alone = curvature(network.model, network.x[:2], labels[:2], reached[:2])
    np.testing.assert_allclose(alone.mean, found.mean[:2], rtol=1e-3, atol=1e-5)
    assert not np.allclose(found.mean, other.mean)
    assert (found.lowest <= found.highest).all()


def test_what_is_refused_in_a_sentence(linear):
    with pytest.raises(UserError, match="not a positive length"):
        curvature(linear.model, linear.x, *classes(4), step=0.0)
    with pytest.raises(UserError, match="two dimensions"):
        curvature(nn.Linear(1, 2), torch.rand(3, 1), *classes(3))
