"""How much of the budget's inside is wrong: points drawn from balls around pictures, whatever an attack finds."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import generator, in_batches, own_seeds
from explorer.core.errors import UserError
from explorer.core.goals import Goal, known_labels
from explorer.core.norms import CONVEX, Norm, random_in_ball
from explorer.core.progress import Tick, silent
from explorer.core.results import Inside
from explorer.models.prepare import prepare

BATCH = 256  # points at once on a CPU


def inside(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    norm: Norm,
    radii: Sequence[float],
    *,
    count: int = 100,
    seed: int = 0,
    start: int = 0,
    tick: Tick = silent,
) -> Inside:
    """Return how many of `count` points around each picture x (N, ...) the model does not give its label.

    The points are uniform in the ball of each radius, and moved into the box [0, 1] where they lie outside of it. A
    picture's directions are drawn once, from a seed of its own, and stretched to every radius, so that the counts
    of two radii differ by the radius alone. In many dimensions nearly all of a ball lies near its surface and
    nearly at right angles to any given direction: a ball with a wrong point in it may show none to many draws.

    labels : (N,) int64, the true classes, or the model's own
    radii : in `norm`, at least 0
    start : the place of the first picture among all, by which the draws are its own

    Raises `UserError` for l0, a radius that is none, and a label that the model does not have.
    """
    if norm not in CONVEX:
        raise UserError(f"Points are drawn from balls in {', '.join(CONVEX)}, not in {norm!r}.")
    if not len(radii) or not all(0 <= r < float("inf") for r in radii):
        raise UserError("A ball needs a radius, a finite number of at least 0.")
    fast, device = prepare(model), next(model.parameters()).device
    x, labels = x.to(device), labels.to(device)
    with torch.no_grad():
        known_labels(labels, fast(x[:1]).shape[1])
    size = BATCH if device.type == "cpu" else 16 * BATCH
    seeds = own_seeds(seed, start, len(x)).tolist()
    changed = np.zeros((len(x), len(radii)), np.int64)
    for i, own in enumerate(seeds):
        delta = random_in_ball(x[i].expand(count, *x[i].shape), norm, 1.0, generator(own))
        for j, radius in enumerate(radii):
            tick(i * len(radii) + j, len(x) * len(radii))
            points = (x[i] + radius * delta).clamp(0, 1)
            goal = Goal(labels[i].expand(count))
            changed[i, j] = sum(in_batches(count, size, lambda rows: _wrong(fast, points[rows], goal[rows])))  # noqa: B023 - asked now
    return Inside(norm, np.array(radii, np.float64), changed, count, labels.cpu().numpy())


def _wrong(model: nn.Module, points: Tensor, goal: Goal) -> int:
    with torch.no_grad():
        return int(goal.reached(model(points)).sum())
