"""Normals of linear models, which are the same everywhere, and of a circle, which turn with the picture."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.geometry.normals import between, normals


def test_of_a_linear_model_all_are_one(linear):
    found, away = normals(linear.model, linear.x)
    assert found.found.all()
    np.testing.assert_allclose(away.flatten(1), (-linear.w / linear.w.norm()).expand(4, 64), atol=1e-6)
    np.testing.assert_allclose(found.cosines, 1, atol=1e-5)
    np.testing.assert_allclose(found.spectrum, [2, 0, 0, 0], atol=1e-3)
    np.testing.assert_allclose(found.distance, (linear.margin / linear.w.norm()).numpy(), rtol=0.03)
    assert found.dimension(0.95) == 1
    assert (found.labels == 0).all()
    assert (found.reached == 1).all()


class Disc(nn.Module):
    """Class 0 within 0.3 of the middle of [0, 1]², class 1 beyond."""

    def __init__(self) -> None:
        super().__init__()
        self.radius = nn.Parameter(torch.tensor(0.09))

    def forward(self, x: Tensor) -> Tensor:
        inside = self.radius - ((x - 0.5) ** 2).sum(1)
        return torch.stack([inside, -inside], dim=1)


def test_of_a_circle_they_are_its_radii():
    angle = torch.linspace(0, 2 * torch.pi, 9)[:-1]
    ways = torch.stack([angle.cos(), angle.sin()], dim=1)
    found, away = normals(Disc(), 0.5 + 0.2 * ways)
    torch.testing.assert_close(away, ways, atol=1e-3, rtol=0)
    np.testing.assert_allclose(found.distance, 0.1, rtol=0.03)
    np.testing.assert_allclose(found.cosines, (angle[:, None] - angle).cos().numpy(), atol=2e-3)
    np.testing.assert_allclose(found.spectrum, 2, atol=1e-2)
    assert found.dimension(0.4) == 1
    assert found.dimension(0.9) == 2
    outside, inward = normals(Disc(), 0.5 + 0.35 * ways)
    assert (outside.labels == 1).all()
    np.testing.assert_allclose(between(away, inward), -1, atol=1e-3)


def test_where_nothing_is_found_nothing_is_said(linear):
    flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).requires_grad_(False).eval()
    flat[1].weight.data.zero_()
    flat[1].bias.data = torch.tensor([1.0, 0.0])
    found, away = normals(flat, linear.x)
    assert not found.found.any()
    assert np.isnan(found.cosines).all()
    assert np.isnan(found.distance).all()
    assert len(found.spectrum) == 0
    assert np.isnan(between(away, normals(linear.model, linear.x)[1])).all()


def test_the_model_s_answer_counts_and_the_same_seed_gives_the_same(network):
    first, away = normals(network.model, network.x)
    again, same = normals(network.model, network.x)
    assert first.found.mean() > 0.8
    assert torch.equal(away, same)
    assert np.array_equal(first.cosines, again.cosines, equal_nan=True)
    assert np.array_equal(first.labels, network.model(network.x).argmax(1).numpy())
    assert (first.reached != first.labels)[first.found].all()
    w, v = (torch.randn(64, generator=generator(s)) for s in (0, 1))
    assert between(w[None], v[None])[0] == pytest.approx(float(w @ v), rel=1e-5)
