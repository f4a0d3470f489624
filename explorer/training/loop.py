"""The training loop: one for every recipe."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from explorer.attacks.pgd import pgd as pgd_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.progress import Tick, silent
from explorer.core.types import Data, Threat
from explorer.training.batch import Batch
from explorer.training.checkpoint import Course, Epoch, resume, save


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train, whatever the recipe.

    rate : the peak of the one-cycle learning rate; optimizer : "sgd" (momentum 0.9) or "adam"
    augment : random crop of a picture padded by this many pixels, fewer than its side; 0 for none
    flip : mirror a picture left to right with probability one half
    watch : how many training and test pictures the history measures each epoch
    bfloat16 : multiply in that precision, accumulate in float32 (Micikevicius et al. 2018,
        arXiv:1710.03740); weights and every measurement stay in float32
    """

    epochs: int
    rate: float
    batch: int = 128
    optimizer: str = "sgd"
    decay: float = 5e-4
    augment: int = 0
    flip: bool = False
    watch: int = 500
    bfloat16: bool = False


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
) -> tuple[list[Epoch], float]:
    """Train `model` in place; return a row per epoch (loss, clean and robust accuracy on both splits) and the seconds.

    loss : a recipe with its knobs bound; called once per batch with the model in train mode
    tick : called once per batch
    checkpoint : written after every epoch; where it exists already, training goes on from it, and the seconds
        are those of all its parts
    origin : digest of all that decides the weights; a checkpoint of another one raises `UserError`

    The accuracies are of the first `plan.watch` pictures, PGD-10 at `threat`. Same seed, same weights
    on the same machine. Weights' gradients are made here and nowhere else.
    """
    device = next(model.parameters()).device
    rng = generator(seed, device)
    model.train()
    steps = -(-len(train) // plan.batch)
    optimizer = _optimizer(model, plan)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=plan.epochs * steps, pct_start=0.3, cycle_momentum=False
    )
    course = Course(model, optimizer, schedule, rng)
    if checkpoint is not None and checkpoint.exists():
        resume(checkpoint, course, origin)
    for epoch in range(len(course.history), plan.epochs):
        total = torch.zeros((), device=device)
        for i, index in enumerate(_batches(len(train), plan.batch, rng, device)):
            tick(epoch * steps + i, plan.epochs * steps, f"epoch {epoch + 1} of {plan.epochs}")
            x, y = train.x[index.to(train.x.device)].to(device), train.y[index.to(train.y.device)].to(device)
            x = _augment(x, plan, rng)
            progress = (epoch * steps + i) / (plan.epochs * steps)
            # Without the cache of cast weights: one filled inside an attack has no gradient.
            with torch.autocast(device.type, torch.bfloat16, enabled=plan.bfloat16, cache_enabled=False):
                value = loss(Batch(model, x, y, index, threat, progress, rng))
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += value.detach() * len(index)
        row: Epoch = {"epoch": epoch + 1, "loss": float(total) / len(train)}
        for name, data in (("train", train), ("test", test)):
            row |= {f"{name}_{k}": v for k, v in measure(model, data, threat, plan.watch, seed).items()}
        course.history.append(row)
        if checkpoint is not None:
            save(checkpoint, course, origin)
        model.train()
    model.eval()
    return course.history, course.seconds


def measure(model: nn.Module, data: Data, threat: Threat, count: int, seed: int) -> Mapping[str, float]:
    """Return clean and PGD-10 accuracy on the first `count` pictures: a quick look, not an evaluation."""
    device = next(model.parameters()).device
    model.eval()
    x, y = data.x[:count].to(device), data.y[:count].to(device)
    with torch.no_grad():
        clean = (model(x).argmax(1) == y).float().mean()
    x_adv = pgd_attack(model, x, Goal(y), threat, steps=10, step=0.25, rng=generator(seed, device))
    with torch.no_grad():
        robust = (model(x_adv).argmax(1) == y).float().mean()
    return {"clean": float(clean), "robust": float(robust)}


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
    return torch.optim.SGD(groups, lr=plan.rate, momentum=0.9, nesterov=True)


def _batches(count: int, size: int, rng: torch.Generator, device: torch.device) -> Iterator[Tensor]:
    yield from torch.split(torch.randperm(count, generator=rng, device=device), size)


def _augment(x: Tensor, plan: Plan, rng: torch.Generator) -> Tensor:
    """Flip each picture with probability one half, and crop it at random from its padded self."""
    if plan.flip:
        mirrored = torch.rand(len(x), generator=rng, device=x.device) < 0.5
        x = torch.where(mirrored[:, None, None, None], x.flip(-1), x)
    if plan.augment:
        height, width = x.shape[-2:]
        shift = torch.randint(0, 2 * plan.augment + 1, (2, len(x)), generator=rng, device=x.device)
        rows = shift[0][:, None] + torch.arange(height, device=x.device)  # (N, H)
        columns = shift[1][:, None] + torch.arange(width, device=x.device)  # (N, W)
        padded = pad(x, [plan.augment] * 4, mode="reflect")
        picture = torch.arange(len(x), device=x.device)[:, None, None]
        x = padded.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return x
