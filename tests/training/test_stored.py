"""Recipes that take one step an epoch on a perturbation that each picture keeps: ATTA, ATAS and its control."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.types import Threat
from explorer.training import RECIPES
from explorer.training.atas import adaptive
from explorer.training.augment import augmented
from explorer.training.batch import Batch
from explorer.training.memory import Memory

NAMES = ("atta", "atas", "constant_step")
each = pytest.mark.parametrize("name", NAMES)


def batch_of(model, data, memory, progress=0.5, rows=slice(None), threat=None, seed=0) -> Batch:
    x, y, index = data.x[rows], data.y[rows], torch.arange(len(data))[rows]
    return Batch(model.train(), x, y, index, threat or Threat("linf", 0.1), progress, generator(seed), memory=memory)


@each
def test_kept_perturbations_are_of_the_budget_and_the_box(name, fresh, splits):
    data, memory = splits[1], Memory(50)
    for _ in range(3):
        RECIPES[name].run(batch_of(fresh(), data, memory))
    delta = memory.kept["delta"]
    assert delta.shape == data.x.shape
    assert delta.abs().max() <= 0.1 + 1e-6
    assert delta.abs().max() > 0.09
    assert (data.x + delta).min() >= 0
    assert (data.x + delta).max() <= 1 + 1e-6


@each
def test_it_goes_on_where_it_was_until_the_training_enters_another_part(name, fresh, splits):
    """With a tiny step the perturbation stays; in another part of the training it is drawn anew."""
    data, memory = splits[1], Memory(50)
    knobs = {"step": 0.05} if name == "atta" else {"low": 0.0, "high": 0.01, "warmup": 0.0}
    found = []
    for progress, seed in ((0.1, 0), (0.2, 1), (0.4, 2)):
        RECIPES[name].run(batch_of(fresh(), data, memory, progress, seed=seed), **knobs)
        found.append(memory.kept["delta"].clone())
    assert (found[1] - found[0]).abs().max() <= 0.0051
    assert (found[2] - found[1]).abs().mean() > 0.01


@each
def test_the_loss_is_that_of_the_kept_perturbation(name, fresh, splits):
    data, memory = splits[1], Memory(50)
    model = fresh()
    loss = RECIPES[name].run(batch_of(model, data, memory))
    again = cross_entropy(fresh().train()(data.x + memory.kept["delta"]), data.y)
    assert float(loss.detach()) == pytest.approx(float(again.detach()), rel=1e-5)
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())


@each
def test_a_perturbation_belongs_to_the_picture_not_to_its_crop(name, fresh, splits):
    """Cut elsewhere and mirrored, the picture meets the same perturbation of its pixels."""
    data, memory = splits[1], Memory(50)
    knobs = {"step": 0.05} if name == "atta" else {"low": 0.0, "high": 0.001, "warmup": 0.0}
    for seed in (1, 2):
        x, placement = augmented(data.x, 2, True, generator(seed))
        found = Batch(
            fresh().train(), x, data.y, torch.arange(50), Threat("linf", 0.1), 0.5, generator(0), placement, memory
        )
        before = {key: value.clone() for key, value in memory.kept.items()}
        RECIPES[name].run(found, **knobs)
        if seed == 2:
            moved = placement.crop(memory.kept["delta"]) - placement.crop(before["delta"])
            # but for the tiny step, what the box of another neighbour allows
            inside = (x + placement.crop(before["delta"]) >= 0) & (x + placement.crop(before["delta"]) <= 1)
            assert moved[inside].abs().max() <= 0.0051
            hidden = placement.paste(torch.ones_like(before["delta"]), torch.zeros_like(x)) > 0
            assert torch.equal(memory.kept["delta"][hidden], before["delta"][hidden])
            assert hidden.any()


@each
def test_another_norm_is_refused(name, fresh, splits):
    with pytest.raises(UserError, match="ℓ∞"):
        RECIPES[name].run(batch_of(fresh(), splits[1], Memory(50), threat=Threat("l2", 0.5)))


def steps(square, memory=None, **knobs):
    """Return ATAS's steps in units of eps for squared gradients."""
    batch = Batch(
        torch.nn.Identity(), square, square, torch.arange(len(square)), Threat("linf", 0.1), 0.5, generator(0)
    )
    batch = Batch(
        *(getattr(batch, n) for n in ("model", "x", "y", "index", "threat", "progress", "rng", "placement")),
        memory or Memory(len(square)),
    )
    settings = {"c": 1.28, "longest": 2.0, "low": 0.5, "high": 1.75, "beta": 0.5, "warmup": 0.0} | knobs
    return adaptive(batch, square, **settings) / 0.1


def test_atas_steps_fall_with_the_gradient_within_their_limits():
    size = torch.logspace(-3, 3, 50)
    found = steps(size.square())
    assert (found.diff() <= 1e-6).all()
    assert found[0] == pytest.approx(1.75)
    assert found[-1] == pytest.approx(0.5)
    free = steps(size.square(), low=0.0, high=4.0)
    assert torch.allclose(free, 2 / (1 + size / 1.28), rtol=1e-4)


def test_atas_remembers_half_of_what_a_gradient_was():
    memory = Memory(1)
    first = steps(torch.tensor([4.0]), memory, low=0.0, high=4.0)
    second = steps(torch.tensor([0.0]), memory, low=0.0, high=4.0)
    assert float(first) == pytest.approx(2 / (1 + 2 / 1.28))
    assert float(second) == pytest.approx(2 / (1 + 2**0.5 / 1.28))


def test_atas_hangs_on_a_picture_alone_not_on_its_batch(fresh, splits):
    """The gradient is of each picture's own loss: half the batch, the same steps."""
    data = splits[1]
    kept = []
    for parts in ((slice(0, 50),), (slice(0, 25), slice(25, 50))):
        memory, model = Memory(50), fresh()
        memory.rows("delta", torch.arange(50), data.x)  # all at 0, of this part of the training
        memory.rows("part", torch.arange(50), data.x[:, 0, 0, 0])
        memory.put("part", torch.arange(50), torch.full((50,), 2.0))
        state = {key: value.clone() for key, value in model.state_dict().items()}
        for rows in parts:
            model.load_state_dict(state)  # the same statistics for both
            RECIPES["atas"].run(batch_of(model, data, memory, rows=rows))
        kept.append(memory.kept["square"].clone())
    assert torch.allclose(*kept, rtol=1e-4)
    assert (kept[0] > 0).all()


def test_the_gradient_is_the_cross_entropys(fresh, splits):
    data, memory, model = splits[1], Memory(50), fresh()
    memory.rows("delta", torch.arange(50), data.x)
    memory.rows("part", torch.arange(50), data.x[:, 0, 0, 0])
    memory.put("part", torch.arange(50), torch.full((50,), 2.0))
    x = data.x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(cross_entropy(fresh().eval()(x), data.y, reduction="sum"), x)
    RECIPES["atas"].run(batch_of(model, data, memory))
    assert torch.allclose(memory.kept["square"], slope.flatten(1).square().sum(1), rtol=1e-3)


def test_the_control_moves_all_by_atas_mean(fresh, splits):
    found = {}
    for name in ("atas", "constant_step"):
        batch = batch_of(fresh(), splits[1], Memory(50))
        RECIPES[name].run(batch)
        found[name] = batch.notes
    assert found["constant_step"]["step"] == pytest.approx(found["atas"]["step"])
    assert 0.5 <= found["atas"]["step"] <= 1.75
