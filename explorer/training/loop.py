"""The training loop: one for every recipe."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.attacks.pgd import pgd as pgd_attack
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.progress import Tick, silent
from explorer.core.types import Data, Threat
from explorer.training.augment import augmented
from explorer.training.batch import Batch
from explorer.training.checkpoint import Course, Epoch, resume, save
from explorer.training.memory import Memory


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train, whatever the recipe.

    rate : the learning rate, or the peak of one that follows a cycle
    optimizer : "sgd" (momentum 0.9), "plain" (gradient descent without) or "adam"
    schedule : "cycle" (one cycle over the training, its peak after 3 tenths) or "constant"
    clip : each number of the gradient is cut to plus and minus this; 0 for as it is
    augment : random crop of a picture padded by this many pixels, fewer than its side; 0 for none
    flip : mirror a picture left to right with probability one half
    watch : how many training and test pictures the history measures each epoch
    grow : share of the training over which the budget grows from 0, whatever the recipe; 0 for none
    losses : keep each training picture's loss of every epoch, where the recipe remembers it: in the memory, "losses"
    record : in how many equal parts the training's path is kept: its weights at the start and after each part
    bfloat16 : multiply in that precision, accumulate in float32 (Micikevicius et al. 2018,
        arXiv:1710.03740); weights and every measurement stay in float32
    """

    epochs: int
    rate: float
    batch: int = 128
    optimizer: str = "sgd"
    schedule: str = "cycle"
    decay: float = 5e-4
    clip: float = 0.0
    augment: int = 0
    flip: bool = False
    watch: int = 500
    grow: float = 0.0
    losses: bool = False
    record: int = 0
    bfloat16: bool = False


class Trained(NamedTuple):
    """What a training leaves beside the model.

    history : a row per epoch; seconds : how long it took; path : the recorded states, by the share of the training done
    memory : what the recipe has kept of each training picture
    """

    history: list[Epoch]
    seconds: float
    path: dict[float, dict[str, Tensor]]
    memory: Memory


def fit(
    model: nn.Module,
    train: Data,
    test: Data,
    loss: Callable[[Batch], Tensor],
    threat: Threat,
    plan: Plan,
    *,
    seed: int,
    tick: Tick = silent,
    checkpoint: Path | None = None,
    origin: str = "",
    until: int | None = None,
) -> Trained:
    """Train `model` in place; return its history, the seconds it took, the path that the plan records, and the memory.

    loss : a recipe with its knobs bound; called once per batch with the model in train mode
    tick : called once per batch
    checkpoint : written after every epoch; where it exists already, training goes on from it, and the seconds
        are those of all its parts
    origin : digest of all that decides the weights; a checkpoint of another one raises `UserError`
    until : stop after this epoch, as if interrupted: the checkpoint stands there, and the history ends there

    A row of the history has the means over the epoch's pictures of the recipe's loss, of its gradient's length over a
    batch ("slope", l2 over all weights), of the learning rate ("rate") and of what the recipe notes (the "eps" it
    trained in); the seconds that processors were busy with its steps ("cpu"); and what `measure` finds on both splits
    at the epoch's end, at the whole `threat`, whatever the recipe's budget of the moment. Same seed, same weights on
    the same machine. Weights' gradients are made here and nowhere else.

    Raises `UserError` where the loss stops being a number.
    """
    device = next(model.parameters()).device
    rng = generator(seed, device)
    model.train()
    steps = len(_sizes(len(train), plan.batch))
    whole = plan.epochs * steps
    optimizer = _optimizer(model, plan)
    course = Course(model, optimizer, _schedule(optimizer, plan, whole), rng, Memory(len(train)))
    if checkpoint is not None and checkpoint.exists():
        resume(checkpoint, course, origin)
    kept = {i * whole // plan.record for i in range(plan.record)}
    for epoch in range(len(course.history), plan.epochs if until is None else until):
        sums: dict[str, Any] = {}
        began = time.process_time()
        for at, index in enumerate(_batches(len(train), plan.batch, rng, device), epoch * steps):
            tick(at, whole, f"epoch {epoch + 1} of {plan.epochs}")
            if at in kept:
                course.path[at] = _state(model)
            x, y = train.x[index.to(train.x.device)].to(device), train.y[index.to(train.y.device)].to(device)
            seen_x, placement = augmented(x, plan.augment, plan.flip, rng)
            grown = threat if at >= plan.grow * whole else Threat(threat.norm, threat.eps * at / whole / plan.grow)
            batch = Batch(model, seen_x, y, index, grown, at / whole, rng, placement, course.memory)
            # Without the cache of cast weights: one filled inside an attack has no gradient.
            with torch.autocast(device.type, torch.bfloat16, enabled=plan.bfloat16, cache_enabled=False):
                value = loss(batch)
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            slope = torch.nn.utils.get_total_norm(p.grad for p in model.parameters() if p.grad is not None)
            rate = float(course.schedule.get_last_lr()[0])
            seen: dict[str, Any] = {"loss": value.detach(), "slope": slope, "rate": rate, **batch.notes}
            sums = {name: sums.get(name, 0.0) + one * len(index) for name, one in seen.items()}
            if plan.clip:
                torch.nn.utils.clip_grad_value_(model.parameters(), plan.clip)
            optimizer.step()
            if batch.after and plan.optimizer != "plain":
                raise UserError("A proximal step is that of plain gradient descent: choose the optimizer plain.")
            for act in batch.after:
                act(rate)
            course.schedule.step()
        row: Epoch = {"epoch": epoch + 1, **{name: float(total) / len(train) for name, total in sums.items()}}
        if not math.isfinite(row["loss"]):
            raise UserError(
                f"In epoch {epoch + 1} the loss stopped being a number: the training broke down. Choose a smaller rate."
            )
        row["cpu"] = time.process_time() - began
        if plan.losses:
            _keep_losses(course.memory)
        for name, data in (("train", train), ("test", test)):
            row |= {f"{name}_{k}": v for k, v in measure(model, data, threat, plan.watch, seed).items()}
        course.history.append(row)
        if checkpoint is not None:
            save(checkpoint, course, origin)
        model.train()
    model.eval()
    path = course.path | ({whole: _state(model)} if kept else {})
    shares = {at / whole: state for at, state in path.items()}
    return Trained(course.history, course.seconds, shares, course.memory)


def measure(model: nn.Module, data: Data, threat: Threat, count: int, seed: int) -> Mapping[str, float]:
    """Return accuracy and mean cross-entropy on the first `count` pictures: clean, after one step, after PGD-10.

    "clean", "fgsm" (a step of the whole budget from the picture) and "robust" are accuracies, "clean_loss" and so on
    the losses. A model that holds against one step and falls to ten has overfitted to it. A quick look, no evaluation.
    """
    device = next(model.parameters()).device
    model.eval()
    x, y = data.x[:count].to(device), data.y[:count].to(device)
    x_adv = pgd_attack(model, x, Goal(y), threat, steps=10, step=0.25, rng=generator(seed, device))
    fast = pgd_attack(model, x, Goal(y), threat, steps=1, step=1.0, random_start=False, rng=generator(seed, device))
    found = {}
    for name, pictures in (("clean", x), ("fgsm", fast), ("robust", x_adv)):
        with torch.no_grad():
            logits = model(pictures)
        found[name] = float((logits.argmax(1) == y).float().mean())
        found[f"{name}_loss"] = float(cross_entropy(logits, y))
    return found


def _keep_losses(memory: Memory) -> None:
    """Put the losses of the epoch that is over behind those of the epochs before, (N, E)."""
    if "loss" not in memory.kept:
        raise UserError("This recipe remembers no picture's own loss: leave out plan.losses.")
    now = memory.kept["loss"][:, None].clone()
    before = memory.kept.get("losses")
    memory.kept["losses"] = now if before is None else torch.cat([before, now], 1)


def _state(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of all that a model has learnt so far."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in model.state_dict().items()
    }


def _optimizer(model: nn.Module, plan: Plan) -> torch.optim.Optimizer:
    """Return the optimizer; weight decay acts on weights, not on biases or batch norm."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": plan.decay},
        {"params": others, "weight_decay": 0.0},
    ]
    if plan.optimizer == "adam":
        return torch.optim.AdamW(groups, lr=plan.rate)
    if plan.optimizer == "plain":
        return torch.optim.SGD(groups, lr=plan.rate)
    return torch.optim.SGD(groups, lr=plan.rate, momentum=0.9, nesterov=True)


def _schedule(optimizer: torch.optim.Optimizer, plan: Plan, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    if plan.schedule == "constant":
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=0)
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=steps, pct_start=0.3, cycle_momentum=False
    )


def _batches(count: int, size: int, rng: torch.Generator, device: torch.device) -> Iterator[Tensor]:
    yield from torch.split(torch.randperm(count, generator=rng, device=device), _sizes(count, size))


def _sizes(count: int, size: int) -> list[int]:
    """Return the sizes of an epoch's batches; one picture that is left over joins the last, as it has no spread."""
    sizes = [size] * (count // size) + ([count % size] if count % size else [])
    if len(sizes) > 1 and sizes[-1] == 1 < size:
        sizes[-2:] = [sizes[-2] + 1]
    return sizes
