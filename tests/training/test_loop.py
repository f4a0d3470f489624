"""Both recipes through the one loop: it learns, repeats itself, resumes, reports and stops."""

from functools import partial

import pytest
import torch

from explorer.core.progress import Cancelled
from explorer.training import RECIPES
from explorer.training.loop import Plan, fit, measure

PLAN = Plan(epochs=2, rate=0.02, batch=50, optimizer="adam", watch=40)
LOSSES = {"standard": RECIPES["standard"].run, "pgd": partial(RECIPES["pgd"].run, steps=2, step=0.5, warmup=0.5)}
KEYS = {"epoch", "loss", "train_clean", "train_robust", "test_clean", "test_robust"}

both = pytest.mark.parametrize("recipe", LOSSES)


def weights(model: torch.nn.Module) -> torch.Tensor:
    """Return everything that a model has learnt, running statistics included."""
    return torch.cat([value.flatten().double() for value in model.state_dict().values()])


def test_the_recipes_are_there_with_their_facts():
    assert {"standard", "pgd"} <= set(RECIPES)
    assert all(isinstance(recipe.facts["robust"], bool) for recipe in RECIPES.values())


@both
def test_the_loss_falls_and_the_history_has_its_rows(recipe, fresh, splits, threat):
    model = fresh()
    rows = fit(model, *splits, LOSSES[recipe], threat, PLAN, seed=0)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert all(set(row) == KEYS for row in rows)
    assert rows[1]["loss"] < rows[0]["loss"]
    assert all(0 <= row[key] <= 1 for row in rows for key in KEYS - {"epoch", "loss"})
    assert rows[1]["train_robust"] <= rows[1]["train_clean"]
    assert not model.training


@both
def test_equal_seed_equal_weights(recipe, fresh, splits, threat):
    found = []
    for seed in (0, 0, 1):
        model = fresh()
        state = torch.get_rng_state()
        fit(model, *splits, LOSSES[recipe], threat, PLAN, seed=seed)
        assert torch.equal(torch.get_rng_state(), state)
        found.append(weights(model))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


@both
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_interrupted_run_ends_where_the_whole_one_does(recipe, optimizer, fresh, splits, threat, tmp_path):
    plan = Plan(epochs=3, rate=0.02, batch=50, optimizer=optimizer, augment=1, watch=10)
    whole = fresh()
    rows = fit(whole, *splits, LOSSES[recipe], threat, plan, seed=0)

    def dies(done: int, total: int, note: str = "") -> None:
        if done == 6:  # in the middle of the second epoch of four batches
            raise Cancelled

    checkpoint = tmp_path / "checkpoint.pt"
    with pytest.raises(Cancelled):
        fit(fresh(), *splits, LOSSES[recipe], threat, plan, seed=0, tick=dies, checkpoint=checkpoint)
    resumed, ticks = fresh(), []
    again = fit(
        resumed,
        *splits,
        LOSSES[recipe],
        threat,
        plan,
        seed=0,
        tick=lambda done, total, note="": ticks.append(done),
        checkpoint=checkpoint,
    )
    assert ticks == list(range(4, 12))  # the first epoch was kept
    assert torch.equal(weights(resumed), weights(whole))
    assert again == rows
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_finished_run_resumed_does_nothing(fresh, splits, threat, tmp_path):
    model, again = fresh(), fresh()
    rows = fit(model, *splits, LOSSES["standard"], threat, PLAN, seed=0, checkpoint=tmp_path / "checkpoint.pt")
    assert fit(again, *splits, LOSSES["standard"], threat, PLAN, seed=0, checkpoint=tmp_path / "checkpoint.pt") == rows
    assert torch.equal(weights(model), weights(again))
    assert not again.training


@both
def test_progress_is_told_per_batch_and_cancelling_stops_there(recipe, fresh, splits, threat):
    seen = []

    def tick(done: int, total: int, note: str = "") -> None:
        seen.append((done, total, note))
        if done == 3:
            raise Cancelled

    model = fresh()
    with pytest.raises(Cancelled):
        fit(model, *splits, LOSSES[recipe], threat, PLAN, seed=0, tick=tick)
    assert seen == [(i, 8, "epoch 1 of 2") for i in range(4)]


def test_measuring_leaves_a_model_in_eval_mode_and_its_weights_alone(fresh, splits, threat):
    model = fresh()
    before = weights(model)
    found = measure(model, splits[1], threat, 50, seed=0)
    assert set(found) == {"clean", "robust"}
    assert found == measure(model, splits[1], threat, 50, seed=0)
    assert torch.equal(weights(model), before)
    assert not model.training
    assert all(p.grad is None for p in model.parameters())


def test_only_weights_decay(fresh, splits, threat):
    """A huge decay, a rate too small to learn: matrices shrink, biases and batch norm stay."""
    model, start = fresh(), fresh()
    plan = Plan(epochs=2, rate=1e-6, batch=50, optimizer="adam", decay=1e5, watch=1)
    fit(model, *splits, LOSSES["standard"], threat, plan, seed=0)
    for (name, after), before in zip(model.named_parameters(), start.parameters(), strict=True):
        if after.ndim > 1:
            assert after.norm() < 0.9 * before.norm(), name
        else:
            torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
