"""The loss of a model as its input changes: over a plane, along the gradient's sign, and how the gradient turns."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks._rows import wide
from explorer.core.device import in_batches
from explorer.core.goals import Goal, ascent, known_labels
from explorer.core.norms import length, steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Losses, Rays, Section, Turns
from explorer.geometry.plane import points
from explorer.landscapes._loss import cross_entropies
from explorer.models.prepare import prepare

BATCH = 256  # pictures at once on a CPU, without a gradient


def over_plane(model: nn.Module, section: Section, label: int, at: Array, *, tick: Tick = silent) -> Losses:
    """Return the cross-entropy of one picture against its label at places (M, 2) of a plane through input space.

    The plane of an attack and a random way is `explorer.geometry.plane.attack_and_random`. Places may lie beyond the
    budget, and outside [0, 1], where no picture is.

    Raises `UserError` for a label that the model does not have.
    """
    fast, device = prepare(model), next(model.parameters()).device
    places = np.asarray(at, np.float64).reshape(-1, 2)

    def work(rows: slice) -> tuple[Tensor, Tensor]:
        tick(rows.start, len(places))
        with torch.no_grad():
            logits = fast(points(section, places[rows], device))
        labels = torch.full((len(logits),), label, device=device)
        known_labels(labels[:1], logits.shape[1])
        return cross_entropies(logits, labels), logits.argmax(1) == labels

    parts = in_batches(len(places), BATCH if device.type == "cpu" else 16 * BATCH, work)
    loss, right = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    return Losses(places, loss, np.zeros(len(loss)), right.astype(np.int64), 1)


def along_sign(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    steps: Array,
    *,
    guide: nn.Module | None = None,
    clipped: bool = False,
    tick: Tick = silent,
) -> Rays:
    """Return the loss of pictures x (N, ...) at x + t·sign(gradient of the loss), for steps t (T,), in linf.

    A loss that rises as its gradient says, in a line, is one that a single step can attack. Where it bends away, or
    stays flat and rises elsewhere, the gradient hides more than it tells (gradient masking).

    The gradient is taken through the log odds, whose sign is the same and which do not go flat where float32 makes the
    loss of a sure model so.

    labels : (N,) int64; clipped : to [0, 1], as an attack's pictures are, which bends every ray at the walls
    guide : the model whose gradient's sign is followed, by default the model itself. That a model's loss rises more
        along another's gradient than along its own is a sign of masking (Athalye et al. 2018, arXiv:1802.00420).

    Raises `UserError` for a label that the model does not have.
    """
    fast, device = prepare(model), next(model.parameters()).device
    led = fast if guide is None else prepare(guide)
    x, labels, far = x.to(device), labels.to(device), np.asarray(steps, np.float64)

    def work(rows: slice) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        goal = Goal(labels[rows])
        logits, gradient = _ascent(fast, x[rows], goal)
        start = cross_entropies(logits, goal.labels)
        odds = goal.height(logits.double()).sigmoid()  # d loss / d log odds
        way = gradient.sign() if guide is None else _ascent(led, x[rows], goal)[1].sign()
        slope = odds * (gradient.double() * way).flatten(1).sum(1)
        losses, right = [], []
        for t in far.tolist():
            tick(rows.start, len(x))
            there = x[rows] + t * way
            with torch.no_grad():
                found = fast(there.clamp(0, 1) if clipped else there)
            losses.append(cross_entropies(found, goal.labels))
            right.append(found.argmax(1) == goal.labels)
        return torch.stack(losses, 1), start, slope, torch.stack(right, 1)

    parts = in_batches(len(x), BATCH // 2 if device.type == "cpu" else 8 * BATCH, work)
    loss, start, slope, right = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    return Rays(far, loss, start, slope, right)


def straight(x: Tensor, x_adv: Tensor, count: int) -> Tensor:
    """Return the way from pictures to what an attack made of them as `count` places each, (N, count, ...)."""
    t = torch.linspace(0, 1, count, device=x.device).view(1, -1, *[1] * (x.ndim - 1))
    return x[:, None] + t * (x_adv - x)[:, None]


def turning(model: nn.Module, labels: Tensor, path: Tensor, *, tick: Tick = silent) -> Turns:
    """Return how the gradient of the loss turns along paths (N, T, ...), each picture's own place the first.

    The paths are an attack's iterates, or the `straight` way to its outcome. Of a linear model with two classes all
    cosines are 1. The direction is that of the log odds' gradient, as the loss's is.

    labels : (N,) int64

    Raises `UserError` for a label that the model does not have.
    """
    fast, device = prepare(model), next(model.parameters()).device
    labels, path = labels.to(device), path.to(device)

    def work(rows: slice) -> tuple[Tensor, ...]:
        goal, columns, before = Goal(labels[rows]), [], list[Tensor]()
        for i in range(path.shape[1]):
            tick(rows.start, len(path))
            here = path[rows, i]
            _, gradient = _ascent(fast, here, goal)
            size = length(gradient.double(), "l2")
            unit = steepest(gradient.double(), "l2")
            unit = torch.where(wide(size > 0, unit), unit, float("nan"))  # nothing has no direction
            before = before or [unit, unit]
            cosines = ((unit * other).flatten(1).sum(1) for other in before)
            columns.append((length((here - path[rows, 0]).double(), "l2"), *cosines, size))
            before = [before[0], unit]
        return tuple(torch.stack(column, 1) for column in zip(*columns, strict=True))

    parts = in_batches(len(path), BATCH // 2 if device.type == "cpu" else 8 * BATCH, work)
    return Turns(*(torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True)))


def _ascent(model: nn.Module, x: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        known_labels(goal.labels, model(x[:1]).shape[1])
    return ascent(model, x, goal)
