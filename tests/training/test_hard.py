"""The two recipes that let hard pictures count for less."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.types import Threat
from explorer.training import RECIPES
from explorer.training.batch import Batch
from explorer.training.memory import Memory

adaptive, reweighted = RECIPES["adaptive_target"].run, RECIPES["reweighted"].run


def batch_of(model, data, memory, progress=0.5) -> Batch:
    index = torch.arange(len(data))
    return Batch(model.train(), data.x, data.y, index, Threat("linf", 0.1), progress, generator(0), memory=memory)


@pytest.mark.parametrize("recipe", [adaptive, reweighted])
def test_before_the_warmup_ends_it_is_the_plain_loss(recipe, fresh, splits):
    data, memory = splits[1], Memory(50)
    found = recipe(batch_of(fresh(), data, memory, progress=0.0))
    plain = cross_entropy(fresh().train()(data.x + memory.kept["delta"]), data.y)
    assert torch.allclose(found, plain)


def test_targets_follow_the_answers_at_rate_rho(fresh, splits):
    data, memory = splits[1], Memory(50)
    adaptive(batch_of(fresh(), data, memory), rho=0.75)
    kept = memory.kept["answer"].clone()
    label = torch.nn.functional.one_hot(data.y, 10)
    answer = (kept - 0.75 * label) / 0.25
    assert torch.allclose(answer.sum(1), torch.ones(50), atol=1e-5)
    assert (answer >= -1e-6).all()
    adaptive(batch_of(fresh(), data, memory), rho=0.75)
    again = (memory.kept["answer"] - 0.75 * kept) / 0.25
    assert torch.allclose(again.sum(1), torch.ones(50), atol=1e-5)
    assert not torch.allclose(again, answer, atol=1e-3)  # the perturbation has gone on


def test_a_target_of_labels_alone_is_the_plain_loss(fresh, splits):
    data, memory = splits[1], Memory(50)
    found = adaptive(batch_of(fresh(), data, memory), beta=1.0)
    assert torch.allclose(found, cross_entropy(fresh().train()(data.x + memory.kept["delta"]), data.y))


def test_weights_are_the_clean_probabilities_of_the_label(fresh, splits):
    data, memory = splits[1], Memory(50)
    batch = batch_of(fresh(), data, memory)
    found = reweighted(batch)
    model = fresh()
    loss = cross_entropy(model.train()(data.x + memory.kept["delta"]), data.y, reduction="none")
    with torch.no_grad():
        weight = batch.model.eval()(data.x).softmax(1)[torch.arange(50), data.y]
    assert batch.notes["weight"] == pytest.approx(float(weight.mean()), rel=1e-5)
    assert torch.allclose(found, (weight * loss).sum() / weight.sum())
    found.backward()
    assert all(p.grad is not None for p in batch.model.parameters())
