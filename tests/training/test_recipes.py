"""What a recipe does with one batch."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.types import Threat
from explorer.models.build import build
from explorer.training import RECIPES
from explorer.training.batch import Batch
from explorer.training.memory import Memory

standard, pgd, pas, gaussian, ibp, crown_ibp, per, per_at = (
    RECIPES[name].run for name in ("standard", "pgd", "pas", "gaussian", "ibp", "crown_ibp", "per", "per_at")
)


def batch_of(model, data, threat, progress=0.5) -> Batch:
    index, memory = torch.arange(len(data)), Memory(len(data))
    return Batch(model.train(), data.x, data.y, index, threat, progress, generator(0), memory=memory)


def test_standard_is_the_clean_cross_entropy(fresh, splits, threat):
    data = splits[1]
    expected = cross_entropy(fresh().train()(data.x), data.y)
    assert torch.equal(standard(batch_of(fresh(), data, threat)), expected)


def test_pgd_is_harder_than_clean_and_no_budget_is_clean(fresh, splits, threat):
    clean = standard(batch_of(fresh(), splits[1], threat))
    assert pgd(batch_of(fresh(), splits[1], threat)) > clean
    assert torch.equal(pgd(batch_of(fresh(), splits[1], Threat("linf", 0.0))), clean)


def test_one_step_from_the_picture_is_fgsm(fresh, splits, threat):
    data, model = splits[1], fresh().eval()
    x = data.x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(cross_entropy(model(x), data.y), x)
    x_adv = (data.x + threat.eps * slope.sign()).clamp(0, 1)
    expected = cross_entropy(fresh().train()(x_adv), data.y)
    assert torch.allclose(RECIPES["fgsm"].run(batch_of(fresh(), data, threat)), expected)


def test_a_random_start_leads_elsewhere_within_the_budget(fresh, splits, threat):
    """From another start one step leads elsewhere; both end within the budget, above the clean loss."""
    clean, from_x = (
        float(recipe(batch_of(fresh(), splits[1], threat)).detach()) for recipe in (standard, RECIPES["fgsm"].run)
    )
    found = float(RECIPES["fgsm_rs"].run(batch_of(fresh(), splits[1], threat)).detach())
    assert clean < found
    assert found != from_x
    assert found <= float(pgd(batch_of(fresh(), splits[1], threat), steps=50, step=0.1).detach()) * 1.02


def test_warmup_grows_the_budget_from_nothing(fresh, splits, threat):
    at_start = pgd(batch_of(fresh(), splits[1], threat, progress=0.0), warmup=0.5)
    halfway, full = (pgd(batch_of(fresh(), splits[1], threat, progress=p), warmup=0.5) for p in (0.25, 0.5))
    assert torch.equal(at_start, standard(batch_of(fresh(), splits[1], threat)))
    assert at_start < halfway < full
    assert torch.equal(full, pgd(batch_of(fresh(), splits[1], threat)))


@pytest.mark.parametrize(
    ("recipe", "knobs", "spent"),
    [
        (standard, {}, 0.0),
        (pgd, {}, 0.1),
        (pgd, {"warmup": 1.0}, 0.05),
        (pas, {}, 0.075),
        (pas, {"shape": "linear", "peak": 1.0}, 0.05),
        (pas, {"periods": 2}, 0.0),
    ],
)
def test_a_recipe_notes_the_budget_that_it_trains_in(recipe, knobs, spent, fresh, splits, threat):
    batch = batch_of(fresh(), splits[1], threat, progress=0.5)
    recipe(batch, **knobs)
    assert batch.notes == pytest.approx({"eps": spent})


@pytest.mark.parametrize("name", RECIPES)
def test_the_attack_leaves_no_trace_in_the_statistics(name, fresh, splits, threat):
    """Batch norm sees one batch, the one that is trained on; and the loss reaches every weight."""
    shallow = name == "path_norm"  # knows one hidden layer alone
    model = build("mlp", (1, 8, 8), 10, {"depth": 1}, rng=generator(0)) if shallow else fresh()
    loss = RECIPES[name].run(batch_of(model, splits[1], threat))
    assert model.training
    assert shallow or model.net.norm0.num_batches_tracked == 1
    assert all(p.grad is None for p in model.parameters())
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())
