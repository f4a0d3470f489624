"""Eigenvalues, density and trace beside those of the whole Hessian, of networks that are small enough for one."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import hessian
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.stats import Mean
from explorer.landscapes._lanczos import lanczos
from explorer.landscapes.density import density, trace
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products


@dataclass(frozen=True)
class Known:
    """A network, its pictures, and its Hessian with the eigenvalues, rising."""

    model: nn.Module
    x: Tensor
    labels: Tensor
    whole: Tensor
    values: np.ndarray

    def products(self, **settings):
        return Products(self.model, self.x, self.labels, **settings)


def whole_hessian(model, x, labels):
    named = {name: p.detach() for name, p in model.named_parameters()}
    sizes = [p.numel() for p in named.values()]

    def loss(flat):
        pieces = {name: v.view_as(named[name]) for name, v in zip(named, flat.split(sizes), strict=True)}
        return cross_entropy(functional_call(model, pieces, (x,)), labels)

    return hessian(loss, torch.cat([p.flatten() for p in named.values()]))


@pytest.fixture(scope="module", params=["smooth", "relu"])
def known(request):
    rng = generator(0)
    bend = nn.Tanh() if request.param == "smooth" else nn.ReLU()
    layers = [nn.Conv2d(1, 2, 3, stride=2), nn.BatchNorm2d(2), bend, nn.Flatten(), nn.Linear(8, 4), bend]
    model = nn.Sequential(*layers, nn.Linear(4, 3)).eval()
    for p in model.parameters():
        p.data = torch.randn(p.shape, generator=rng) * 0.7
    x, labels = torch.rand((150, 1, 5, 5), generator=rng), torch.randint(3, (150,), generator=rng)
    whole = whole_hessian(model, x, labels)
    return Known(model.requires_grad_(False), x, labels, whole, torch.linalg.eigvalsh(whole.double()).numpy())


def test_products_are_those_of_the_whole_hessian(known):
    products = known.products()
    v = torch.randn(len(known.whole), generator=generator(1))
    torch.testing.assert_close(products(v), known.whole @ v, rtol=1e-4, atol=1e-5)
    assert products.loss == pytest.approx(float(cross_entropy(known.model(known.x), known.labels)), rel=1e-5)
    assert all(p.grad is None and not p.requires_grad for p in known.model.parameters())


def test_products_are_the_same_where_no_graph_is_kept(known):
    kept, rebuilt = known.products(), known.products(memory=0)
    v = torch.randn(len(known.whole), generator=generator(1))
    torch.testing.assert_close(kept(v), rebuilt(v))
    torch.testing.assert_close(kept(v), kept(v), rtol=0, atol=0)
    assert len(kept._kept) == len(rebuilt._rest) == 2
    assert not kept._rest
    assert not rebuilt._kept


def test_the_largest_eigenvalues_and_their_directions(known):
    found, ways = leading(known.products(), 5, tolerance=1e-3)
    np.testing.assert_allclose(found.values, known.values[:-6:-1], rtol=1e-3)
    for value, error in zip(found.values, found.errors, strict=True):
        assert np.abs(known.values - value).min() <= error + 1e-5
        assert error <= 1e-3 * value + 1e-5
    assert found.lowest >= known.values[0] - 1e-4
    assert found.products < found.weights == len(known.whole)
    named = dict(known.model.named_parameters())
    for value, way in zip(found.values, ways, strict=True):
        assert {name: v.shape for name, v in way.items()} == {name: p.shape for name, p in named.items()}
        u = torch.cat([v.flatten() for v in way.values()])
        assert float(u.norm()) == pytest.approx(1, abs=1e-5)
        assert float((known.whole @ u - value * u).norm()) <= 3e-3 * value


def test_all_eigenvalues_when_as_many_are_asked_for(known):
    found, _ = leading(known.products(), len(known.whole))
    np.testing.assert_allclose(found.values, known.values[::-1], atol=2e-5 * np.abs(known.values).max())


def test_the_residual_tells_that_few_steps_are_not_enough(known):
    found, _ = leading(known.products(), 5, most=6)
    assert found.errors.max() > 0.01 * found.values[0]
    assert all(np.abs(known.values - v).min() <= e + 1e-5 for v, e in zip(found.values, found.errors, strict=True))


def test_lanczos_goes_on_where_a_space_is_used_up():
    """Of a matrix with two values a vector shows two; the other ones need another."""
    diagonal = torch.tensor([2.0, 2, 2, 1, 1, 1], dtype=torch.float64)
    start = torch.ones(6, dtype=torch.float64)
    short = lanczos(lambda v: diagonal * v, start, 6)
    assert len(short.alphas) == 2
    np.testing.assert_allclose(short.pairs()[0], [1, 2])
    whole = lanczos(lambda v: diagonal * v, start, 6, rng=generator(0))
    np.testing.assert_allclose(whole.pairs()[0], [1, 1, 1, 2, 2, 2], atol=1e-12)
    torch.testing.assert_close(whole.basis @ whole.basis.T, torch.eye(6, dtype=torch.float64))


def test_the_density_integrates_to_1_and_its_mean_is_that_of_the_eigenvalues(known):
    found = density(known.products(), probes=16, steps=10)
    low, high = found.ends
    assert low >= known.values[0] - 1e-4
    assert high == pytest.approx(known.values[-1], rel=1e-3)
    width = 0.05 * (high - low)
    where = np.linspace(low - 6 * width, high + 6 * width, 2001)
    curves = found.at(where, width)
    np.testing.assert_allclose(np.trapezoid(curves, where), 1, rtol=1e-6)
    np.testing.assert_allclose(np.trapezoid(curves * where, where), found.mean, rtol=1e-5, atol=1e-6)
    within = Mean.of(found.mean).interval
    assert within[0] <= known.values.mean() <= within[1]
    middle = np.exp(-(((where - known.values[:, None]) / width) ** 2) / 2).mean(0) / (width * np.sqrt(2 * np.pi))
    assert np.trapezoid(np.abs(curves.mean(0) - middle), where) < 0.1


def test_a_quadrature_has_the_moments_of_its_vector(known):
    """With s steps 2s - 1 of them; v'Hv of the signs that were drawn is the first."""
    products = known.products()
    found = density(products, probes=1, steps=4)
    signs = torch.where(torch.rand(len(known.whole), generator=generator(0)) < 0.5, -1.0, 1.0).double()
    power, whole = signs, known.whole.double()
    for k in range(1, 8):
        power = whole @ power
        assert float((found.nodes**k * found.shares).sum()) == pytest.approx(
            float(signs @ power) / len(signs), rel=1e-3
        )


def test_the_trace_lies_in_its_interval_and_is_exact_with_a_whole_sketch(known):
    products, n = known.products(), len(known.whole)
    few = trace(products, count=30)
    low, high = Mean.of(few.draws).interval
    assert low <= known.values.sum() <= high
    assert high - low < abs(known.values.sum())
    every = trace(products, count=3 * n)
    assert every.value == pytest.approx(known.values.sum(), rel=1e-4)
    np.testing.assert_allclose(every.beyond, 0, atol=1e-4)


def test_a_linear_softmax_has_no_negative_curvature():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3)).eval()
    found, _ = leading(Products(model, torch.rand(20, 1, 2, 2), torch.zeros(20, dtype=torch.int64)), 3)
    assert found.lowest >= -1e-6


def test_the_same_seed_gives_the_same(known):
    first, second = (density(known.products(), probes=2, steps=3, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.nodes, second.nodes)
    other = density(known.products(), probes=2, steps=3, seed=5)
    assert not np.allclose(first.nodes, other.nodes)


def test_what_is_refused_in_a_sentence(known):
    products = known.products()
    for count in (0, len(known.whole) + 1):
        with pytest.raises(UserError, match="number of eigenvalues"):
            leading(products, count)
    with pytest.raises(UserError, match="not positive"):
        leading(products, tolerance=0.0)
    with pytest.raises(UserError, match="one probe"):
        density(products, probes=0)
    with pytest.raises(UserError, match="4 products"):
        trace(products, count=3)
    with pytest.raises(UserError, match="not one of this model's classes"):
        Products(known.model, known.x, known.labels + 1)
