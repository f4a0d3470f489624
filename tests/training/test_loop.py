"""The recipes through the one loop: it learns, repeats itself, resumes, reports and stops."""

import json
from functools import partial

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.training import RECIPES
from explorer.training.loop import Plan, fit, measure

PLAN = Plan(epochs=2, rate=0.02, batch=50, optimizer="adam", watch=40)
LOSSES = {
    "standard": RECIPES["standard"].run,
    "pgd": partial(RECIPES["pgd"].run, steps=2, step=0.5, warmup=0.5),
    "pas": partial(RECIPES["pas"].run, steps=2, step=0.5, periods=2),
    "atas": partial(RECIPES["atas"].run, warmup=0.2),
}
MEASURED = {
    f"{split}_{kind}{what}"
    for split in ("train", "test")
    for kind in ("clean", "fgsm", "robust")
    for what in ("", "_loss")
}
NOTED = {"atas": {"step", "gradient"}}  # beside what all note
KEYS = {"epoch", "loss", "slope", "rate", "eps", "cpu"} | MEASURED

each = pytest.mark.parametrize("recipe", LOSSES)


def weights(model: torch.nn.Module) -> torch.Tensor:
    """Return everything that a model has learnt, running statistics included."""
    return torch.cat([value.flatten().double() for value in model.state_dict().values()])


def timeless(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return a history without the time that processors took, which no two trainings share."""
    return [{key: value for key, value in row.items() if key != "cpu"} for row in rows]


@each
def test_the_loss_falls_and_the_history_has_its_rows(recipe, fresh, splits, threat):
    model = fresh()
    rows, seconds, path, _ = fit(model, *splits, LOSSES[recipe], threat, PLAN, seed=0)
    assert 0 < seconds < 600
    assert [row["epoch"] for row in rows] == [1, 2]
    assert all(set(row) == KEYS | NOTED.get(recipe, set()) for row in rows)
    assert rows[1]["loss"] < rows[0]["loss"]
    assert all(0 <= row[key] <= 1 for row in rows for key in MEASURED if not key.endswith("_loss"))
    assert all(0 < row[key] < 10 for row in rows for key in ("slope", "train_clean_loss", "test_robust_loss"))
    assert rows[1]["train_robust"] <= rows[1]["train_clean"]
    assert rows[1]["train_robust_loss"] > rows[1]["train_clean_loss"]
    assert path == {}
    assert not model.training


@each
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


@each
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_interrupted_run_ends_where_the_whole_one_does(recipe, optimizer, fresh, splits, threat, tmp_path):
    plan = Plan(epochs=3, rate=0.02, batch=50, optimizer=optimizer, augment=1, watch=10, record=5)
    whole = fresh().to(memory_format=torch.channels_last)
    rows, _, path, _ = fit(whole, *splits, LOSSES[recipe], threat, plan, seed=0)

    def dies(done: int, total: int, note: str = "") -> None:
        if done == 6:  # in the middle of the second epoch of four batches
            raise Cancelled

    checkpoint = tmp_path / "checkpoint.safetensors"
    cut = fresh().to(memory_format=torch.channels_last)
    with pytest.raises(Cancelled):
        fit(cut, *splits, LOSSES[recipe], threat, plan, seed=0, tick=dies, checkpoint=checkpoint)
    resumed, ticks = fresh().to(memory_format=torch.channels_last), []
    again, _, way, _ = fit(
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
    assert timeless(again) == timeless(rows)
    assert [*way] == [*path] == [0, 2 / 12, 4 / 12, 7 / 12, 9 / 12, 1]
    assert all(torch.equal(way[share][name], value) for share, state in path.items() for name, value in state.items())
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_a_finished_run_resumed_does_nothing(fresh, splits, threat, tmp_path):
    model, again = fresh(), fresh()
    checkpoint = tmp_path / "checkpoint.safetensors"
    rows, spent, *_ = fit(model, *splits, LOSSES["standard"], threat, PLAN, seed=0, checkpoint=checkpoint)
    with safe_open(checkpoint, framework="pt") as file:
        written = json.loads(file.metadata()["seconds"])
    found, seconds, *_ = fit(again, *splits, LOSSES["standard"], threat, PLAN, seed=0, checkpoint=checkpoint)
    assert timeless(found) == timeless(rows)
    assert 0 < written <= spent
    assert written <= seconds  # those of the run before count, up to when it was written
    assert torch.equal(weights(model), weights(again))
    assert not again.training


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_checkpoint_is_no_pickle_and_holds_all_that_a_training_needs(optimizer, fresh, splits, threat, tmp_path):
    checkpoint, plan = tmp_path / "checkpoint.safetensors", Plan(epochs=1, rate=0.02, batch=50, optimizer=optimizer)
    model = fresh()
    rows, *_ = fit(model, *splits, LOSSES["standard"], threat, plan, seed=0, checkpoint=checkpoint, origin="here")
    with safe_open(checkpoint, framework="pt") as file:
        facts = {name: json.loads(text) for name, text in file.metadata().items()}
    tensors = load_file(checkpoint)
    assert (facts["origin"], facts["history"]) == ("here", rows)
    assert {name.split(".")[0] for name in tensors} == {"model", "optimizer", "rng"}
    assert all(torch.equal(tensors[f"model.{name}"], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("damage", ["cut", "more", "weights", "momentum"])
def test_a_damaged_checkpoint_is_a_sentence(damage, fresh, splits, threat, tmp_path):
    checkpoint, plan = tmp_path / "checkpoint.safetensors", Plan(epochs=1, rate=0.02, batch=50)
    fit(fresh(), *splits, LOSSES["standard"], threat, plan, seed=0, checkpoint=checkpoint)
    with safe_open(checkpoint, framework="pt") as file:
        facts = file.metadata()
    tensors = load_file(checkpoint)
    if damage == "cut":
        checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
    else:
        changed = tensors | {"model.more": torch.zeros(1)}
        if damage != "more":
            gone = next(name for name in tensors if name.startswith("model" if damage == "weights" else "optimizer"))
            changed = {name: value for name, value in tensors.items() if name != gone}
        save_file(changed, checkpoint, facts)
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is not a whole checkpoint: delete it or choose"):
        fit(fresh(), *splits, LOSSES["standard"], threat, plan, seed=0, checkpoint=checkpoint)


@each
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
    assert set(found) == {"clean", "clean_loss", "fgsm", "fgsm_loss", "robust", "robust_loss"}
    with torch.no_grad():
        logits = model(splits[1].x)
    assert found["clean"] == pytest.approx(float((logits.argmax(1) == splits[1].y).float().mean()))
    assert found["clean_loss"] == pytest.approx(float(cross_entropy(logits, splits[1].y)))
    assert found == measure(model, splits[1], threat, 50, seed=0)
    assert torch.equal(weights(model), before)
    assert not model.training
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(("schedule", "first", "last"), [("constant", 0.02, 0.02), ("cycle", 0.02 / 25, 0.02 / 25e4)])
def test_the_history_tells_rate_budget_and_slope(schedule, first, last, fresh, splits, threat):
    """An epoch of one batch: its means are what that step was made with."""
    model, plan = fresh(), Plan(epochs=4, rate=0.02, batch=200, optimizer="adam", schedule=schedule, watch=1)
    rows, *_ = fit(model, *splits, partial(RECIPES["pgd"].run, steps=1, warmup=0.5), threat, plan, seed=0)
    assert [row["eps"] for row in rows] == pytest.approx([0, 0.05, 0.1, 0.1])
    assert (rows[0]["rate"], rows[-1]["rate"]) == pytest.approx((first, last))
    start = fresh().train()
    loss = cross_entropy(start(splits[0].x), splits[0].y)
    gradient = torch.autograd.grad(loss, [*start.parameters()])
    assert rows[0]["loss"] == pytest.approx(float(loss.detach()), rel=1e-5)
    assert rows[0]["slope"] == pytest.approx(float(torch.cat([g.flatten() for g in gradient]).norm()), rel=1e-4)


def test_a_plan_lets_the_budget_of_any_recipe_grow(fresh, splits, threat):
    """Eight batches: over the first half the budget grows from 0, step by step."""
    plan = Plan(epochs=8, rate=0.02, batch=200, optimizer="adam", watch=1, grow=0.5)
    rows = fit(fresh(), *splits, RECIPES["fgsm"].run, threat, plan, seed=0).history
    assert [row["eps"] for row in rows] == pytest.approx([threat.eps * min(1, i / 4) for i in range(8)])
    assert all(row["cpu"] > 0 for row in rows)


def test_a_recorded_path_goes_from_the_first_weights_to_the_last(fresh, splits, threat):
    model, plan = fresh(), Plan(epochs=2, rate=0.02, batch=50, optimizer="adam", watch=1, record=3)
    _, _, path, _ = fit(model, *splits, LOSSES["standard"], threat, plan, seed=0)
    assert [*path] == [0, 2 / 8, 5 / 8, 1]
    start, *between, end = (
        torch.cat([value.flatten().double() for value in state.values()]) for state in path.values()
    )
    assert torch.equal(start, weights(fresh()))
    assert torch.equal(end, weights(model))
    assert 0 < (between[0] - start).norm() < (between[1] - start).norm()


def test_recording_changes_nothing(fresh, splits, threat):
    plain, followed = fresh(), fresh()
    for model, record in ((plain, 0), (followed, 4)):
        plan = Plan(epochs=1, rate=0.02, batch=50, optimizer="adam", watch=1, record=record)
        fit(model, *splits, LOSSES["pgd"], threat, plan, seed=0)
    assert torch.equal(weights(plain), weights(followed))


def test_one_picture_that_is_left_over_joins_the_batch_before(fresh, splits, threat):
    seen = list[int]()

    def watched(batch):
        seen.append(len(batch.x))
        return LOSSES["standard"](batch)

    train, test = splits
    fit(fresh(), train.first(101), test, watched, threat, Plan(epochs=1, rate=0.01, batch=50, watch=1), seed=0)
    assert seen == [50, 51]
    seen.clear()
    fit(fresh(), train.first(3), test, watched, threat, Plan(epochs=1, rate=0.01, batch=1, watch=1), seed=0)
    assert seen == [1, 1, 1]


def test_a_training_that_breaks_down_says_so(fresh, splits, threat):
    plan = Plan(epochs=3, rate=1e30, batch=50, watch=1, schedule="constant")
    with pytest.raises(UserError, match=r"In epoch \d the loss stopped being a number"):
        fit(fresh(), *splits, LOSSES["standard"], threat, plan, seed=0)


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
