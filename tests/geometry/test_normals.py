"""Normals of linear models, which are the same everywhere, and of a circle, which turn with the picture."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.device import own_seeds
from explorer.core.goals import Goal
from explorer.core.types import Threat
from explorer.geometry.directions import random
from explorer.geometry.kinds import kinds_of
from explorer.geometry.normals import near_pairs, normals, scattered, spectrum


def test_of_a_linear_model_all_are_one(linear):
    found, nearest = normals(linear.model, linear.x)
    assert found.found.all()
    np.testing.assert_allclose(found.flat, (-linear.w / linear.w.norm()).expand(4, 64), atol=1e-6)
    np.testing.assert_allclose(found.among(), 1, atol=1e-5)
    np.testing.assert_allclose(spectrum(found.flat).values, [2, 0, 0, 0], atol=1e-3)
    np.testing.assert_allclose(found.distance, (linear.margin / linear.w.norm()).numpy(), rtol=0.03)
    np.testing.assert_allclose((nearest - linear.x).flatten(1).norm(dim=1), found.distance, rtol=1e-5)
    assert spectrum(found.flat).dimension(0.95) == 1
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
    found, nearest = normals(Disc(), 0.5 + 0.2 * ways)
    np.testing.assert_allclose(found.away, ways, atol=1e-3)
    np.testing.assert_allclose(nearest, 0.5 + 0.3 * ways, atol=5e-3)
    np.testing.assert_allclose(found.distance, 0.1, rtol=0.03)
    np.testing.assert_allclose(found.among(), (angle[:, None] - angle).cos().numpy(), atol=2e-3)
    singular = spectrum(found.flat)
    np.testing.assert_allclose(singular.values, 2, atol=1e-2)
    np.testing.assert_allclose(singular.held, [0.5, 1], atol=1e-2)
    assert singular.dimension(0.4) == 1
    assert singular.dimension(0.9) == 2
    outside, _ = normals(Disc(), 0.5 + 0.35 * ways)
    assert (outside.labels == 1).all()
    np.testing.assert_allclose(found.beside(outside), -1, atol=1e-3)


def test_where_nothing_is_found_nothing_is_said(linear):
    flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).requires_grad_(False).eval()
    flat[1].weight.data.zero_()
    flat[1].bias.data = torch.tensor([1.0, 0.0])
    found, _ = normals(flat, linear.x)
    assert not found.found.any()
    assert np.isnan(found.among()).all()
    assert np.isnan(found.distance).all()
    assert len(spectrum(found.flat).values) == 0
    assert np.isnan(found.beside(normals(linear.model, linear.x)[0])).all()


def test_the_model_s_answer_counts_and_the_same_seed_gives_the_same(network):
    (first, nearest), (again, same) = (normals(network.model, network.x) for _ in range(2))
    assert first.found.mean() > 0.8
    assert torch.equal(nearest, same)
    assert np.array_equal(first.away, again.away)
    assert np.array_equal(first.labels, network.model(network.x).argmax(1).numpy())
    assert (first.reached != first.labels)[first.found].all()
    w = torch.func.grad(
        lambda x: network.model(x[None])[0, first.reached[0]] - network.model(x[None])[0, first.labels[0]]
    )
    slope = w(nearest[0]).flatten()
    np.testing.assert_allclose(first.flat[0], slope / slope.norm(), atol=1e-5)


def test_the_distance_is_the_nearer_one_of_both_searches(network, monkeypatch):
    """One search is made to fail where the other is then what counts, as where gradients are masked."""
    x, labels = network.x, network.model(network.x).argmax(1)
    ddn, deepfool = (
        run_attack(name, network.model, x, Goal(labels), Threat("l2", 0.0)) for name in ("ddn", "superdeepfool")
    )
    both = np.minimum(*(np.where(one.success, one.distance["l2"], np.inf) for one in (ddn, deepfool)))
    found, nearest = normals(network.model, x)
    np.testing.assert_allclose(found.distance, both, rtol=1e-6)
    np.testing.assert_allclose((nearest - x).flatten(1).norm(dim=1), both, rtol=1e-4)
    kinds = kinds_of(network.model, x, means=x[:4], lines=1, seeds=own_seeds(0, 0, len(x)))
    np.testing.assert_allclose(kinds["attack"].l2.min(1), found.distance, rtol=0.02)

    def masked(name, *args, **how):
        return replace(deepfool, success=np.arange(len(x)) > 2) if name == "superdeepfool" else ddn

    monkeypatch.setattr("explorer.geometry._shortest.run_attack", masked)
    found, nearest = normals(network.model, x)
    assert found.found.all()
    np.testing.assert_allclose(found.distance[:3], ddn.distance["l2"][:3], rtol=1e-6)
    np.testing.assert_array_equal(nearest[:3], ddn.x_adv[:3])
    np.testing.assert_array_equal(found.reached[:3], ddn.logits_adv[:3].argmax(1))
    np.testing.assert_allclose(found.distance[3:], both[3:], rtol=1e-6)


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_a_spectrum_is_that_of_the_singular_value_decomposition(shape):
    ways = random(torch.empty(1, shape[1]), shape[0], torch.tensor([3]))[0].numpy()
    expected = np.linalg.svd(ways, compute_uv=False)
    np.testing.assert_allclose(spectrum(ways).values, expected, rtol=1e-4)
    padded = np.concatenate([np.zeros_like(ways[:3]), ways])
    np.testing.assert_allclose(spectrum(padded).values, spectrum(ways).values, rtol=1e-6)


def test_scattered_keeps_where_vectors_lie_and_nothing_of_how_they_agree():
    ways = np.zeros((400, 50), np.float32)
    ways[:, :4] = 0.5
    loose = scattered(ways, 1)
    assert np.array_equal(abs(loose), ways)
    assert np.array_equal(loose, scattered(ways, 1))
    assert not np.array_equal(loose, scattered(ways, 2))
    np.testing.assert_allclose(spectrum(loose).values[:4], 10, rtol=0.15)
    assert spectrum(ways).dimension(0.99) == 1
    assert spectrum(loose).dimension(0.99) == 4


def test_neighbours_are_near_and_each_other_s():
    x = torch.tensor([0.0, 1.0, 2.1, 10.0, 11.0])[:, None]
    near = near_pairs(x, 1)
    assert np.array_equal(near, near.T)
    assert not near.diagonal().any()
    assert np.argwhere(np.triu(near)).tolist() == [[0, 1], [1, 2], [3, 4]]
    assert near_pairs(x, 99).sum() == 20
