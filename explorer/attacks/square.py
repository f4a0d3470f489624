"""Square Attack."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._rows import wide
from explorer.attacks._squares import change, side_of, start
from explorer.attacks._track import Track
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

SCHEDULE = 10_000  # queries, for which the paper says when the squares shrink


@attack("Square Attack", norms=("linf", "l2", "l1"), paper="arXiv:1912.00049", knows="scores", pictures_only=True)
@torch.no_grad()
def square(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    queries: Annotated[int, Whole(1, 20_000, "questions to the model for each picture")] = 1000,
    area: Annotated[float, Real(0.01, 1.0, "share of the picture that the first squares cover")] = 0.8,
    schedule: int = 0,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Try random squares and keep what brings the goal closer: no gradient, only the model's scores.

    Every try changes a square window of the picture to values at the limit of the budget, and is kept
    where the margin falls (towards a wanted class: where the cross-entropy does). The squares shrink as
    the paper says for 10,000 queries, and with fewer queries sooner. A try that changes nothing, as the
    window has those values, counts but is not asked.

    Beside the paper: the pictures of a batch share a try's window, not its values. In l2 a window has two
    bumps and takes over a second window's budget; l1 is AutoAttack's form of that, projected on ball and box.

    Parameters
    ----------
    schedule : the number of queries for which the squares shrink, where it is not `queries`

    Returns
    -------
    (N, C, H, W): the best tries.

    References
    ----------
    Andriushchenko et al. 2020, arXiv:1912.00049, alg. 1 to 3; l1: Croce & Hein 2021, arXiv:2103.01208, sec. 4.
    """
    track = track or Track(x, goal, threat.norm)
    rows = track.restart()
    x_0, goal = x[rows], goal[rows]
    x_t = x_new = start(x_0, threat.norm, threat.eps, rng)
    height, logits = x.new_full((len(x_0),), float("-inf")), x.new_zeros((len(x_0), 1))
    for i in range(queries):
        tick(i, queries)
        if not len(x_0):
            break
        if i:
            side = side_of(i * SCHEDULE / (schedule or queries), area, x.shape, threat.norm)
            x_new = change(x_0, x_t, side, threat.norm, threat.eps, rng)
        answer = model(x_new) if not i else _ask(model, x_new, logits, (x_new != x_t).flatten(1).any(1))
        stays, tried = track.see(x_new, answer), _height(goal, answer)
        better = tried > height
        x_t = torch.where(wide(better, x), x_new, x_t)
        logits, height = torch.where(better[:, None], answer, logits), tried.maximum(height)
        if not stays.all():
            x_0, x_t, logits, height, goal = x_0[stays], x_t[stays], logits[stays], height[stays], goal[stays]
    return track.best


def _height(goal: Goal, logits: Tensor) -> Tensor:
    """Return what is to rise, (M,): minus the margin, or towards a wanted class its log odds."""
    return goal.height(logits) if goal.targeted else -goal.margin(logits)


def _ask(model: nn.Module, x: Tensor, known: Tensor, new: Tensor) -> Tensor:
    """Return the model's answer to the pictures that are `new`, (M,) bool, and for the others the known one."""
    if new.all():
        return model(x)  # type: ignore[no-any-return]
    rows = new.nonzero()[:, 0]
    return known.index_copy(0, rows, model(x[rows])) if len(rows) else known
