"""TRADES against its own definition."""

import pytest
import torch
from torch.nn.functional import cross_entropy, softmax

from explorer.core.device import generator
from explorer.core.types import Threat
from explorer.training import RECIPES
from explorer.training.batch import Batch
from explorer.training.trades import Divergence

trades = RECIPES["trades"].run


def batch_of(model, data, threat) -> Batch:
    return Batch(model.train(), data.x, data.y, torch.arange(len(data)), threat, 0.5, generator(0))


def test_without_its_second_loss_it_is_the_clean_one(fresh, splits, threat):
    data, model = splits[1], fresh()
    model.net.norm0.eval()
    with torch.no_grad():
        expected = cross_entropy(model.eval()(data.x), data.y)
    found = trades(batch_of(fresh_statistics(fresh()), data, threat), beta=0.0)
    assert float(found.detach()) == pytest.approx(float(expected), rel=1e-5)


def fresh_statistics(model):
    """Keep batch norm in eval mode, whatever is asked: then clean and attacked pictures do not meet in it."""
    model.net.norm0.train = lambda mode=True: model.net.norm0
    model.net.norm0.training = False
    return model


def test_the_steady_part_grows_with_the_budget_and_counts_by_beta(fresh, splits):
    found = {}
    for eps in (0.0, 0.05, 0.1):
        for beta in (0.0, 3.0, 6.0):
            batch = batch_of(fresh_statistics(fresh()), splits[1], Threat("linf", eps))
            found[eps, beta] = float(trades(batch, beta=beta).detach())
    assert found[0.0, 6.0] == pytest.approx(found[0.0, 0.0], rel=1e-5)
    steady = [found[eps, 6.0] - found[eps, 0.0] for eps in (0.05, 0.1)]
    assert 0 < steady[0] < steady[1]
    assert found[0.1, 3.0] - found[0.1, 0.0] == pytest.approx(steady[1] / 2, rel=1e-4)


def test_the_hill_is_the_divergence_and_its_slope():
    p = softmax(torch.randn(4, 5, generator=generator(0)), 1)
    z = torch.randn(4, 5, generator=generator(1)).requires_grad_(True)
    height = Divergence(p).height(z)
    expected = (p * (p.log() - z.log_softmax(1))).sum(1)
    assert torch.allclose(height, expected, atol=1e-6)
    (slope,) = torch.autograd.grad(height.sum(), z)
    assert torch.allclose(slope, Divergence(p).uphill(z.detach()), atol=1e-6)
