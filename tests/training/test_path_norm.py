"""The 1-path-norm's proximal step against solvers and against itself; and training with it."""

import itertools

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.types import Threat
from explorer.models.build import build
from explorer.training import RECIPES
from explorer.training._shrunk import shrunk
from explorer.training.batch import Batch
from explorer.training.loop import Plan, fit

path_norm = RECIPES["path_norm"].run


def objective(x, y, v, w, lam):
    return ((x - v) ** 2).sum() / 2 + ((y - w) ** 2).sum() / 2 + lam * np.abs(x).sum() * np.abs(y).sum()


def by_solver(v, w, lam) -> float:
    """Return the least objective that a bounded solver finds on sizes, from several starts."""
    a, b, p = np.abs(v), np.abs(w), len(v)
    starts = [np.r_[a, b], np.r_[a, b * 0], np.r_[a * 0, b], np.r_[a, b] / 2]
    found = [
        minimize(lambda z: objective(z[:p], z[p:], a, b, lam), s, bounds=[(0, None)] * len(s), method="L-BFGS-B").fun
        for s in starts
    ]
    return min(found)


@pytest.mark.parametrize("lam", [0.01, 0.1, 0.3, 0.8, 1.5])
def test_no_solver_finds_a_lower_point(lam):
    rng = np.random.default_rng(0)
    v, w = rng.normal(size=(30, 3)), rng.normal(size=(30, 5))
    x, y = (part.numpy() for part in shrunk(torch.tensor(v), torch.tensor(w), lam))
    for one in zip(x, y, v, w, strict=True):
        assert objective(*one, lam) <= by_solver(*one[2:], lam) + 1e-6
    assert (x == 0).any() or lam < 0.1
    assert (np.sign(x) * np.sign(v) >= 0).all()
    assert (np.sign(y) * np.sign(w) >= 0).all()


def test_one_weight_each_way_has_a_closed_form():
    """p = m = 1, v = w = 1: the stationary point is 1 / (1 + lam) for both, as long as lam < 1."""
    ones = torch.ones(1, 1)
    for lam in (0.0, 0.25, 0.9):
        x, y = shrunk(ones, ones, lam)
        assert float(x) == pytest.approx(1 / (1 + lam))
        assert float(y) == pytest.approx(1 / (1 + lam))
    x, y = shrunk(ones, ones, 1.5)
    assert sorted((float(x), float(y))) == [0.0, 1.0]


def test_every_unit_is_served_by_itself():
    rng = generator(0)
    v, w = torch.randn(7, 4, generator=rng), torch.randn(7, 6, generator=rng)
    together = shrunk(v, w, 0.2)
    for k in range(7):
        alone = shrunk(v[k : k + 1], w[k : k + 1], 0.2)
        assert all(torch.equal(a[k], b[0]) for a, b in zip(together, alone, strict=True))


def test_zero_weights_stay_and_no_weight_leaves_all():
    v, w = torch.zeros(2, 3), torch.randn(2, 4, generator=generator(0))
    x, y = shrunk(v, w, 0.5)
    assert torch.equal(x, v)
    assert torch.equal(y, w)
    v = torch.randn(2, 3, generator=generator(1))
    x, y = shrunk(v, w, 0.0)
    assert torch.allclose(x, v)
    assert torch.allclose(y, w)


def train(splits, by, weight):
    model = build("mlp", (1, 8, 8), 10, {"width": 16, "depth": 1}, rng=generator(0), pixels=splits[0].x)
    plan = Plan(epochs=6, rate=0.1, batch=50, optimizer="plain", schedule="constant", decay=0.0, watch=20)

    def loss(batch: Batch):
        return path_norm(batch, weight=weight, by=by)

    rows = fit(model, *splits, loss, Threat("linf", 0.1), plan, seed=0).history
    zeros = float(torch.cat([p.flatten() for p in model.parameters() if p.ndim > 1]).eq(0).float().mean())
    return rows[-1]["path_norm"], zeros


def test_the_proximal_step_makes_zeros_and_the_subgradient_only_a_small_norm(splits):
    free, prox, sub = (train(splits, *how) for how in (("prox", 0.0), ("prox", 0.01), ("subgradient", 0.01)))
    assert prox[0] < 0.8 * free[0]
    assert sub[0] < 0.8 * free[0]
    assert prox[1] > 0.1
    assert free[1] == sub[1] == 0


@pytest.mark.parametrize("depth", [0, 2])
def test_another_number_of_hidden_layers_is_refused(depth, splits):
    model = build("mlp", (1, 8, 8), 10, {"width": 8, "depth": depth}, rng=generator(0), pixels=splits[0].x)
    data = splits[1]
    batch = Batch(model, data.x, data.y, torch.arange(50), Threat("linf", 0.1), 0.0, generator(0))
    with pytest.raises(UserError, match="one hidden layer"):
        path_norm(batch)


def test_the_norm_is_the_sum_over_all_paths(splits):
    model = build("mlp", (1, 8, 8), 10, {"width": 3, "depth": 1}, rng=generator(0), pixels=splits[0].x)
    data = splits[1]
    batch = Batch(model, data.x, data.y, torch.arange(50), Threat("linf", 0.1), 0.0, generator(0))
    path_norm(batch)
    into, out = model.net.hidden0.weight.detach(), model.net.logits.weight.detach()
    paths = itertools.product(range(10), range(3), range(64))
    expected = sum(abs(float(out[i, j])) * abs(float(into[j, k])) for i, j, k in paths)
    assert batch.notes["path_norm"] == pytest.approx(expected, rel=1e-5)
