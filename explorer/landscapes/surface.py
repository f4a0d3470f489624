"""The loss of a model over a plane through its weights, at the points that are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.core.device import generator, in_batches
from explorer.core.errors import UserError
from explorer.core.goals import Goal, known_labels
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Losses
from explorer.core.types import Threat
from explorer.landscapes._highest import Highest
from explorer.landscapes._loss import cross_entropies
from explorer.landscapes._moving import Moving
from explorer.landscapes._weights import BATCH, Direction

Statistics = Literal["kept", "measured"]


@dataclass(frozen=True, slots=True)
class Climb:
    """The attack of an adversarial surface: projected gradient descent, without a restart, at a fixed budget.

    Of each picture's iterates that of the highest loss counts, its start among them.

    step : the length of a step as a share of eps; seed : of the random starts, which are the same at every point
    """

    threat: Threat
    steps: int = 10
    step: float = 0.25
    seed: int = 0


def surface(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    first: Direction,
    second: Direction,
    points: Array,
    *,
    climb: Climb | None = None,
    statistics: Statistics = "kept",
    crowd: Tensor | None = None,
    tick: Tick = silent,
) -> Losses:
    """Return the mean cross-entropy of pictures x (N, ...), and how many are right, at points (M, 2) of a plane.

    Without `climb` the pictures are taken as they are: clean ones for the clean surface, those of `attacked` for the
    adversarial one whose perturbation is made at the centre and kept. With it they are attacked anew at each point,
    which is the loss that adversarial training minimises; kept perturbations tell less of it the further one goes.
    A point costs one forward pass of every picture, and with `climb` a forward and a backward pass for each step more.
    Points are independent of each other: a surface may be computed in tiles of any size.

    labels : (N,) int64; first, second : directions of the model's weights
    statistics : of batch norm: "kept" as they are at the centre, or "measured" again at each point, on `crowd` (by
        default on `x`), whose pictures are not attacked

    Raises `UserError` for a label that the model does not have, and no pictures.
    """
    if not len(x):
        raise UserError("A surface needs a picture or more.")
    moving = Moving(model, first, second)
    x, labels, others, size = _laid(moving.net, x, labels, crowd)
    at = np.asarray(points, np.float64).reshape(-1, 2)
    found: list[tuple[float, float, int]] = []
    for i, (a, b) in enumerate(at.tolist()):
        tick(i, len(at))
        net = moving.to(a, b)
        if statistics == "measured":
            moving.measure(others)
        if climb is None:
            found.append(_numbers(*_losses(net, x, labels, size)))
        else:
            found.append(_numbers(*_climb(net, x, labels, climb, size, part(tick, i, 1, len(at)))[1:]))
    loss, spread, right = np.array(found, np.float64).reshape(-1, 3).T
    steps = 0 if climb is None else climb.steps
    return Losses(at, loss, spread, right.astype(np.int64), len(x), 1 + steps, steps)


def attacked(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    climb: Climb,
    *,
    statistics: Statistics = "kept",
    crowd: Tensor | None = None,
    tick: Tick = silent,
) -> Tensor:
    """Return what the attack of a surface makes of pictures x (N, ...) at its centre, (N, ...)."""
    still = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    moving = Moving(model, still, still)
    x, labels, others, size = _laid(moving.net, x, labels, crowd)
    if statistics == "measured":
        moving.measure(others)
    return _climb(moving.net, x, labels, climb, size, tick)[0]


def _laid(
    net: nn.Module, x: Tensor, labels: Tensor, crowd: Tensor | None
) -> tuple[Tensor, Tensor, Sequence[Tensor], int]:
    """Return pictures and labels where the model is, batches of the crowd, and how many pictures a batch has."""
    device = next(net.parameters()).device
    size = BATCH if device.type == "cpu" else 16 * BATCH
    x, labels = x.to(device), labels.to(device)
    with torch.no_grad():
        known_labels(labels, net(x[:1]).shape[1])
    others = x if crowd is None else crowd.to(device)
    return x, labels, torch.tensor_split(others, -(-len(others) // size)), size  # of one size: each counts the same


def _climb(
    net: nn.Module, x: Tensor, labels: Tensor, climb: Climb, size: int, tick: Tick
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the attacked pictures (N, ...), each its iterate of the highest loss, that loss (N,), and who is right."""
    rng, pgd = generator(climb.seed), ATTACKS["pgd"].run

    def work(rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        goal, ear = Goal(labels[rows]), part(tick, rows.start, rows.stop - rows.start, len(x))
        seen = Highest(x[rows], goal)
        pgd(net, x[rows], goal, climb.threat, steps=climb.steps, step=climb.step, rng=rng, tick=ear, track=seen)
        return seen.best, seen.loss, seen.right

    with torch.no_grad():
        x_adv, loss, right = (torch.cat(column) for column in zip(*in_batches(len(x), size, work), strict=True))
    return x_adv, loss, right


def _losses(net: nn.Module, x: Tensor, labels: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the loss of each picture, (N,), and who is right."""

    def work(rows: slice) -> tuple[Tensor, Tensor]:
        logits = net(x[rows])
        return cross_entropies(logits, labels[rows]), logits.argmax(1) == labels[rows]

    with torch.no_grad():
        loss, right = (torch.cat(column) for column in zip(*in_batches(len(x), size, work), strict=True))
    return loss, right


def _numbers(loss: Tensor, right: Tensor) -> tuple[float, float, int]:
    """Return the mean loss, its standard deviation, and how many pictures are right."""
    return float(loss.mean()), float(loss.std(correction=0)), int(right.sum())
