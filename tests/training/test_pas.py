"""The budgets of periodic adversarial scheduling, by their closed forms."""

import math
from functools import partial

import pytest
import torch

from explorer.core.device import generator
from explorer.core.types import Threat
from explorer.training import RECIPES
from explorer.training.batch import Batch
from explorer.training.memory import Memory
from explorer.training.pas import share

pas, pgd = RECIPES["pas"].run, RECIPES["pgd"].run
MNIST = [("cosine", 1.5), ("linear", 2.0)]  # eps 0.4: 0.6 and 0.8 would be reached, 0.4 is the most


@pytest.mark.parametrize(
    ("shape", "peak", "quarter", "middle"),
    [
        ("cosine", 1.5, 0.75 * (1 - math.sqrt(0.5)), 0.75),
        ("linear", 2.0, 0.5, 1.0),
        ("cosine", 1.0, (1 - math.sqrt(0.5)) / 2, 0.5),
        ("linear", 1.0, 0.25, 0.5),
    ],
)
@pytest.mark.parametrize("periods", [1, 4])
def test_a_period_starts_at_nothing_and_passes_known_values(shape, peak, quarter, middle, periods):
    for period in range(periods):
        at = [share((period + part) / periods, periods, shape, peak) for part in (0, 0.25, 0.5)]
        assert at == pytest.approx([0, quarter, middle])


@pytest.mark.parametrize(("shape", "peak"), MNIST)
def test_the_end_of_a_period_is_at_the_whole_budget(shape, peak):
    """Cosine: from r = arccos(1 - 2/1.5) / pi = 0.608 on; linear: the second half."""
    full = math.acos(1 - 2 / peak) / math.pi if shape == "cosine" else 1 / peak
    assert share(full - 0.001, 1, shape, peak) < 1
    assert [share(r, 1, shape, peak) for r in (full + 0.001, 0.9, 0.999)] == [1.0, 1.0, 1.0]
    grown = [share(i / 100, 1, shape, peak) for i in range(100)]
    assert grown == sorted(grown)
    assert share((1 + full + 0.001) / 3, 3, shape, peak) == 1.0


def test_a_peak_of_one_reaches_the_budget_only_at_the_end():
    assert share(0.999, 1, "cosine", 1.0) == pytest.approx(1, abs=1e-5)
    assert share(0.999, 1, "cosine", 1.0) < 1


def test_one_linear_period_is_a_warm_up(fresh, splits, threat):
    """Two names of one schedule have the same losses."""
    data = splits[1]

    def loss(recipe, progress):
        rows = torch.arange(len(data))
        return recipe(
            Batch(fresh().train(), data.x, data.y, rows, threat, progress, generator(0), memory=Memory(len(data)))
        )

    for progress in (0.0, 0.2, 0.5, 0.9):
        assert torch.equal(
            loss(partial(pas, shape="linear", peak=2.0), progress), loss(partial(pgd, warmup=0.5), progress)
        )


def test_a_step_shrinks_with_the_budget(fresh, splits):
    """One step of length 1 goes to the edge of the budget of the moment, and no further."""
    data, seen = splits[1], []
    model = fresh().train()
    model.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    pas(
        Batch(model, data.x, data.y, torch.arange(50), Threat("linf", 0.4), 0.5, generator(0), memory=Memory(50)),
        steps=1,
        step=2.0,
    )
    assert float((seen[-1] - data.x).abs().max()) == pytest.approx(0.3)
