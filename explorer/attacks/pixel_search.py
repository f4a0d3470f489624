"""Sparse-RS: few pixels by random search, from the model's scores alone."""

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

STAGES = {1: 2, 51: 4, 201: 5, 501: 6, 1001: 8, 2001: 10, 4001: 12, 6001: 15, 8001: 20}  # of 10,000 queries


@attack(
    "Random search for pixels (Sparse-RS)",
    norms=("l0",),
    paper="arXiv:2006.12834",
    knows="scores",
    pictures_only=True,
)
def pixel_search(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    queries: Annotated[int, Whole(1, 20000, "how often the model is asked about a picture")] = 1000,
    share: Annotated[float, Real(0.01, 1.0, "share of the changed pixels that a step moves, at first")] = 0.3,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Try other pixels and colours by lot, and keep what brings the goal nearer.

    Of eps pixels, each of a colour in {0, 1}^C, a step puts some back and draws as many others; it counts when
    the goal is reached or the loss falls: the margin, or, targeted, the wanted class's cross-entropy (algorithm 1).
    It moves share·eps / 2 pixels at first and ever fewer, by stages scaled to the number of queries.

    Parameters
    ----------
    x : (N, C, H, W) float32 in [0, 1]; at least one pixel of it stays as it is
    track : is shown the best picture so far after each query, and drops broken images

    Returns
    -------
    (N, C, H, W): the best pictures found.

    References
    ----------
    Croce et al. 2022, arXiv:2006.12834.
    """
    track, x_0 = track or Track(x, goal, threat.norm, stop=False), x.flatten(2)  # (N, C, pixels)
    count = min(int(threat.eps), x_0.shape[2] - 1)
    if not count:
        return x
    order = uniform(x_0[:, 0].shape, rng, x.device).argsort(1)  # of the pixels: the first `count` are the changed ones
    best = _paint(x_0, x_0, order[:, :count], rng)
    tick(0, queries)
    scores = model(best.view_as(x))
    for query in range(1, queries + 1):
        if not (stays := track.see(best.view(-1, *x.shape[1:]), scores)).all():
            x_0, best, order, scores, goal = x_0[stays], best[stays], order[stays], scores[stays], goal[stays]
        if query == queries or not len(best):
            break
        tick(query, queries)
        drawn = min(max(1, int(share * count / _stage(query, queries))), x_0.shape[2] - count)
        lots = uniform(order.shape, rng, x.device)
        back, new = lots[:, :count].topk(drawn).indices, lots[:, count:].topk(drawn).indices + count
        old, fresh = order.gather(1, back), order.gather(1, new)  # (N, drawn) pixels
        each = old[:, None].expand(-1, x.shape[1], -1)
        x_t = _paint(best.scatter(2, each, x_0.gather(2, each)), x_0, fresh, rng)
        scores_t = model(x_t.view(-1, *x.shape[1:]))
        there, was = goal.margin(scores_t) < 0, goal.margin(scores) < 0
        better = torch.where(there == was, _loss(goal, scores_t) < _loss(goal, scores), there)[:, None]
        scores = torch.where(better, scores_t, scores)
        best = torch.where(better[:, None], x_t, best)
        order = torch.where(better, order.scatter(1, back, fresh).scatter(1, new, old), order)
    return track.best


def _paint(picture: Tensor, x_0: Tensor, pixels: Tensor, rng: Generator) -> Tensor:
    """Return the picture (N, C, all) with random extreme colours in some pixels (N, few), none that x_0 has there."""
    each = pixels[:, None].expand(-1, picture.shape[1], -1)
    colour = uniform(each.shape, rng, picture.device).round()
    colour = torch.where((colour == x_0.gather(2, each)).all(1, keepdim=True), 1 - colour, colour)
    return picture.scatter(2, each, colour)


def _loss(goal: Goal, scores: Tensor) -> Tensor:
    return -goal.loss(scores) if goal.targeted else goal.margin(scores)


def _stage(query: int, queries: int) -> int:
    """Return what the share of moved pixels is divided by."""
    return [divisor for first, divisor in STAGES.items() if first <= max(1, query * 10_000 // queries)][-1]
