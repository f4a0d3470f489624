"""The Square attack: random search by square patches, from scores alone."""

import math
from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.core.device import uniform
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # of 10,000 queries: when the patch's area is halved


@attack("Square attack", norms=("linf",), paper="arXiv:1912.00049", knows="scores", pictures_only=True)
@torch.no_grad()
def square(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    queries: Annotated[int, Whole(1, 20_000, "questions to the model for each picture")] = 1000,
    area: Annotated[float, Real(0.01, 1.0, "share of the picture that the first patches cover")] = 0.8,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Change a random square patch to the edge of the budget, and keep the change where it helps.

    From vertical stripes of ±eps; then each query moves a square window by ±2·eps in each channel, clipped
    to budget and box, at a place drawn for each picture; a change that lowers the goal's margin (untargeted,
    eq. 2) or its loss (targeted, the cross-entropy) stays. The window's area starts at `area` of the picture
    and is halved on the paper's schedule, stretched to the number of queries. It asks for logits and never
    for a gradient. The paper's l2 form is not here.

    Parameters
    ----------
    x : (N, C, H, W) float32 in [0, 1]
    track : keeps the best picture, and drops broken ones

    Returns
    -------
    (N, C, H, W): the best pictures found.

    References
    ----------
    Andriushchenko et al. 2020, arXiv:1912.00049, algorithms 1 and 2.
    """
    n, channels, height, width = x.shape
    low, high = (x - threat.eps).clamp_min(0), (x + threat.eps).clamp_max(1)
    best, worth = x, x.new_full((n,), float("inf"))
    for i in range(queries):
        tick(i, queries)
        if not len(best):
            break
        if i:
            side = _side(i, queries, area, height, width)
            x_t = (best + 2 * threat.eps * _patch(best, side, rng)).clamp(low, high)
        else:
            x_t = (x + threat.eps * _signs((n, channels, 1, width), rng, x)).clamp(low, high)
        logits = model(x_t)
        value = goal.margin(logits) if not goal.targeted else -goal.loss(logits)
        better = value < worth
        best = torch.where(better[:, None, None, None], x_t, best)
        worth = torch.where(better, value, worth)
        if track is not None and not (stays := track.see(x_t, logits)).all():
            best, worth, low, high, goal = best[stays], worth[stays], low[stays], high[stays], goal[stays]
    return best if track is None else track.best


def _side(i: int, queries: int, area: float, height: int, width: int) -> int:
    """Return the side of the window at a query."""
    at = i * 10_000 / queries
    share = area / 2 ** sum(at > query for query in HALVINGS)
    return max(1, min(round(math.sqrt(share * height * width)), height - 1, width - 1))


def _patch(like: Tensor, side: int, rng: Generator) -> Tensor:
    """Return ±1 in a window of each picture, one sign a channel, and 0 elsewhere, (M, C, H, W)."""
    n, channels, height, width = like.shape
    place = uniform((2, n), rng, like.device)
    top, left = ((place[j] * (size - side + 1)).long()[:, None] for j, size in enumerate((height, width)))
    row, column = torch.arange(height, device=like.device), torch.arange(width, device=like.device)
    rows, columns = (row >= top) & (row < top + side), (column >= left) & (column < left + side)  # (M, H), (M, W)
    window = rows[:, None, :, None] & columns[:, None, None, :]
    return window * _signs((n, channels, 1, 1), rng, like)


def _signs(shape: tuple[int, ...], rng: Generator, like: Tensor) -> Tensor:
    return (uniform(shape, rng, like.device) < 0.5).to(like.dtype) * 2 - 1
