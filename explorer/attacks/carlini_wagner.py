"""Carlini & Wagner's attack: a change's length traded against the margin, at a price that is searched."""

from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._adam import Adam
from explorer.attacks._planes import go_back
from explorer.attacks._rows import slope, wide
from explorer.attacks._track import Track, ahead
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat

INSIDE = 0.999  # so far towards the wall a value at the wall begins: at the wall itself it could not move
START, DEARER, DEAREST = 20.0, 10.0, 1e10  # the first c, times what a plane needs; its growth; its limit
LOOKS = 4  # of the final search


@attack("Carlini & Wagner", norms=("l2",), paper="arXiv:1608.04644", knows="gradients", bound="smallest")
def carlini_wagner(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 10000, "gradient steps at each c; the paper takes 10000")] = 100,
    searches: Annotated[int, Whole(1, 20, "values of c that are tried; the paper's are 20")] = 5,
    rate: Annotated[float, Real(0.001, 1.0, "Adam's rate; the paper's is 0.01")] = 0.1,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Descend ||x_t - x||_2^2 + c max(margin, 0) over w, where x_t = (1 + tanh w) / 2 is always inside the box.

    The loss is the paper's f_6 with confidence 0, the margin of the logits (secs. V-B and VI-A); Adam takes the
    steps. c is searched per image: ten times as large while the goal is not reached, then by halving
    between the largest that failed and the smallest that did not.

    By five things it needs far fewer steps than the paper's 20 times 10000. The first c is 20 times that at
    which a plane would be reached, per image, the margin being in units of the clean picture's. A search whose
    goal was reached goes on from the shortest change, not from x. The rate falls to 0 in each search. Values at
    a wall begin a little inside it, by 1/2000, since tanh is flat there. And in the end a few looks between x
    and the shortest change found. The early abort of the authors' code is left out: with so few steps the loss
    still rises and falls where it would end a search, and changes became longer.

    It is a descent in w: where most values are at walls and hardly any gradient is, DDN finds far shorter changes.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Carlini & Wagner 2017, arXiv:1608.04644.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    tick(0, 1)
    logits, gradient = slope(model, x, goal)
    track.see(x, logits)
    rows, unit = track.open, ahead(goal, logits).clamp_min(torch.finfo(x.dtype).tiny)
    steep = (gradient / wide(unit, x)).flatten(1).square().sum(1)
    c = (START * 2 / steep).clamp_max(DEAREST)  # at a plane 2 steep^-1/2 = c steep^1/2
    low, high = torch.zeros_like(c), torch.full_like(c, float("inf"))
    for k in range(searches):
        track.play(rows)
        begin = torch.where(wide(high.isfinite(), x), track.best, x)
        found = _descend(model, x, begin, goal, unit, c, steps, rate, track, part(tick, k, 1, searches + 1))
        low, high = torch.where(found, low, c), torch.where(found, c, high)
        c = torch.where(high.isfinite(), (low + high) / 2, DEARER * c).clamp_max(DEAREST)
    looks = part(tick, searches, 1, searches + 1)
    go_back(model, goal, track, LOOKS, lambda: looks(0, 1))
    return track.best


def _descend(
    model: nn.Module,
    x: Tensor,
    begin: Tensor,
    goal: Goal,
    unit: Tensor,
    c: Tensor,
    steps: int,
    rate: float,
    track: Track,
    tick: Tick,
) -> Tensor:
    """Descend from `begin` at c, the price of a unit of margin, (N,) both; return who reached the goal, (N,) bool."""
    w, price = ((2 * begin - 1) * INSIDE).atanh(), c / unit
    adam, found = Adam(w), torch.zeros_like(c, dtype=torch.bool)
    for i in range(steps):
        tick(i, steps)
        tanh = w.tanh()
        x_t = (1 + tanh) / 2
        logits, gradient = slope(model, x_t, goal)
        track.see(x_t, logits)
        height = ahead(goal, logits)
        found |= height < 0
        gradient = 2 * (x_t - x) + wide(price.where(height > 0, 0.0), x) * gradient
        w = w - rate * (1 - i / steps) * adam.step(gradient * (1 - tanh.square()) / 2)
    return found
