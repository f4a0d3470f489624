"""Worst losses of quadratics, and changes of gradients that are known."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.types import Threat
from explorer.landscapes.ball import climb, steepness, worst
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products
from explorer.landscapes.scattering import perturbed
from explorer.models.build import build


def quadratic(diagonal, linear):
    """L(v) = c'v + v'diag(a)v / 2 with its gradient."""
    return lambda v: (float(linear @ v + (diagonal * v) @ v / 2), linear + diagonal * v)


@pytest.fixture(scope="module")
def smooth():
    rng = generator(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 6), nn.Tanh(), nn.Linear(6, 3)).eval()
    for p in model.parameters():
        p.data = torch.randn(p.shape, generator=rng) * 0.5
    return model, torch.rand((20, 1, 4, 4), generator=rng), torch.randint(3, (20,), generator=rng)


def test_of_a_ball_shaped_quadratic_one_step_is_the_formula():
    a, radius, c = 3.0, 0.7, torch.tensor([1.0, -2.0, 2.0])
    losses = climb(quadratic(torch.full((3,), a), c), torch.zeros(3), radius, steps=3)
    np.testing.assert_allclose(losses, [0, *[3 * radius + a * radius**2 / 2] * 3], rtol=1e-6)


def test_of_a_convex_quadratic_the_worst_of_the_ball_is_reached():
    """The worst is v = (mu - A)^-1 c on the edge, with mu above the largest entry; a secular equation."""
    diagonal, c, radius = torch.tensor([5.0, 1.0, 0.5, 0.1]), torch.tensor([0.1, 1.0, -0.5, 2.0]), 1.5
    low, high = 5.0, 100.0
    for _ in range(200):
        mu = (low + high) / 2
        size = float((c.double() / (mu - diagonal.double())).norm())
        low, high = (mu, high) if size > radius else (low, mu)
    v = c.double() / (mu - diagonal.double())
    truth = float(c.double() @ v + (diagonal.double() * v) @ v / 2)
    losses = climb(quadratic(diagonal, c), torch.zeros(4), radius, steps=60)
    assert (np.diff(losses) >= -1e-5).all()
    assert losses[-1] == pytest.approx(truth, rel=1e-4)
    assert losses[1] < truth


def test_the_worst_loss_of_a_network_is_met_within_its_ball(smooth):
    model, x, labels = smooth
    before = {name: v.clone() for name, v in model.state_dict().items()}
    found = worst(model, x, labels, 0.05, steps=4)
    size = float(torch.cat([p.detach().flatten() for p in model.parameters()]).norm())
    assert found.radius == pytest.approx(0.05 * size, rel=1e-5)
    assert found.losses[0] == pytest.approx(float(cross_entropy(model(x), labels).detach()), rel=1e-5)
    assert found.rise >= found.one > 0
    assert all(torch.equal(v, before[name]) for name, v in model.state_dict().items())
    slope = Products(model, x, labels).gradient.norm()
    tiny = worst(model, x, labels, 1e-3, steps=1)
    assert tiny.one == pytest.approx(float(slope) * tiny.radius, rel=0.02)


def test_a_small_move_of_the_weights_shows_the_largest_eigenvalue(smooth):
    model, x, labels = smooth
    found = steepness(model, x, x, labels, 1e-3, steps=25)
    eigenvalues, _ = leading(Products(model, x, labels), 1, tolerance=1e-3)
    largest = max(eigenvalues.values[0], -eigenvalues.lowest)
    assert found.weights.max() == pytest.approx(largest, rel=0.03)
    assert np.isnan(found.pictures).all()


def test_a_move_of_a_picture_changes_its_gradient_by_what_autograd_tells(smooth):
    """For a small move the change is the mixed derivative along it."""
    model, x, labels = smooth
    x_adv = perturbed(model, x, labels, Threat("l2", 0.01), steps=10)
    found = steepness(model, x, x_adv, labels, 0.01, steps=2)
    parts = list(model.parameters())
    for i in (0, 7):

        def gradient(at, i=i):
            loss = cross_entropy(model(at), labels[i : i + 1])
            return torch.cat([g.flatten() for g in torch.autograd.grad(loss, parts, create_graph=True)])

        delta = x_adv[i : i + 1] - x[i : i + 1]
        mixed = torch.autograd.functional.jvp(gradient, x[i : i + 1] + delta / 2, delta / delta.norm())[1]
        assert found.pictures[i] == pytest.approx(float(mixed.norm()), rel=0.02)
    assert (found.pictures > 0).all()
    assert (found.chance > 0).all()


def test_batch_norm_keeps_its_statistics():
    model = build("cnn", (1, 4, 4), 2, {"width": 2, "stages": 1, "hidden": 4, "batchnorm": True}, rng=generator(0))
    x, labels = torch.rand((6, 1, 4, 4), generator=generator(1)), torch.zeros(6, dtype=torch.int64)
    model.eval()
    before = model.net.norm0.running_mean.clone()
    assert np.isfinite(worst(model, x, labels, 0.1, steps=2).losses).all()
    assert torch.equal(model.net.norm0.running_mean, before)


def test_what_is_refused_in_a_sentence(smooth):
    model, x, labels = smooth
    for share in (0.0, -1.0, float("inf")):
        with pytest.raises(UserError, match="positive share"):
            worst(model, x, labels, share)
        with pytest.raises(UserError, match="positive share"):
            steepness(model, x, x, labels, share)
