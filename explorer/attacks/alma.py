"""The augmented Lagrangian attack."""

from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._planes import go_back
from explorer.attacks._rows import slope, wide
from explorer.attacks._track import Track, surely
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.norms import Norm, length
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

FIRST: dict[Norm, float] = {"l2": 0.04, "l1": 0.01}  # the first step, of the longest way inside the box
DECAY: dict[Norm, float] = {"l2": 0.01, "l1": 0.001}  # what a step shrinks to between the first success and the end
HASTY, STEADY, LONG = 0.5, 0.9, 500  # alpha, of a run shorter than so many steps, and of a longer one
LEAST_RATE = 0.2  # of the move of all values alike that would reach the goal if the model were linear
CHECK, ENOUGH, HARDER = (
    10,
    0.95,
    1.2,
)  # steps between two checks, what is progress, how rho grows without: M, tau, gamma
LEAST, MOST = 1e-6, 1e12  # of mu
BEYOND = 1e-3  # of the clean margin, so that what is rounded counts
LOOKS = 4  # of the final search
FARTHEST, HALVINGS = 10.0, 20  # what walls cut off: up to 2 to the power of so many times the rest, found by halving


@attack("Augmented Lagrangian", norms=("l2", "l1"), paper="arXiv:2011.11857", knows="gradients", bound="smallest")
def alma(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 2000, "gradient steps; the paper's are 100 or 1000")] = 100,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Minimise the length of the change plus a penalty on the margin whose weight learns how much it takes.

    Minimises ||delta|| + P(c, rho, mu) by RMSProp with momentum inside the box (algorithm 1); c <= 0 is the goal,
    P the paper's penalty P2. After each step mu follows the penalty's slope; every 10 steps rho grows by 1.2
    where c has not fallen by a twentieth and the goal was never reached. The first step is made on c alone and has
    a set length, from which the learning rate follows; from the first success on the rate falls exponentially.
    The momentum is the paper's for 100 steps in runs of fewer than 500, and that for 1000 in longer ones.

    c is the margin over the clean image's, and a thousandth. The paper divides by the distance from the first
    to the third logit of every iterate (the DLR loss), which says nothing with two classes. The first step is a
    share of the longest way inside the box. The rate is no smaller than a linear model would need to be crossed
    in a few steps: the first step alone sets one too small for points of the plane. In l1 it falls further than
    in the paper, as what oscillates around 0 counts in the length. A few looks for the crossing on the way back
    end the search. Of the paper's distances l2 and l1 are here.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate, the last included

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Rony et al. 2021, arXiv:2011.11857.
    """
    norm = threat.norm
    track = track or Track(x, goal, norm, smallest=True)
    total, alpha = steps + 1 + LOOKS, HASTY if steps < LONG else STEADY
    x_t, square, way = x, torch.ones_like(x), torch.zeros_like(x)
    ones = x.new_ones(len(x))
    mu, rho, rate, clean, checked, first = ones, ones, ones, ones, ones, steps * ones  # (N,)
    found = ones < 0
    for i in range(steps):
        tick(i, total)
        logits, gradient = slope(model, x_t, goal)
        track.see(x_t, logits)
        if i == 0:
            clean = goal.margin(logits).abs().clamp_min(torch.finfo(x.dtype).tiny)
        c = goal.margin(logits) / clean + BEYOND
        reached = surely(goal, logits)
        first = torch.where(reached & ~found, float(i), first)
        found = found | reached
        if i == 0:
            checked = c
        elif (i + 1) % CHECK == 0:
            rho = torch.where(found | (c < ENOUGH * checked), rho, HARDER * rho)
            checked = c
        if i:
            mu = (alpha * mu + (1 - alpha) * _pull(c, rho, mu)).clamp(LEAST, MOST)
        descent = wide(_pull(c, rho, mu) / clean, x) * gradient
        if i == 0:
            straight = clean / length(gradient, "l1").clamp_min(torch.finfo(x.dtype).tiny)  # the way by equal moves
            rate = _rate(x, descent, norm, FIRST[norm]).maximum(LEAST_RATE * straight.clamp_max(1.0))
        else:
            descent = descent + _outward(x_t - x, norm)
        square = alpha * square + (1 - alpha) * descent.square()
        way = alpha * way + descent / (square.sqrt() + 1e-8)
        shrunk = DECAY[norm] ** ((i - first).clamp_min(0) / (steps - first).clamp_min(1))
        x_t = (x_t - wide(rate * shrunk, x) * way).clamp(0, 1)
    tick(steps, total)
    track.see(x_t, model(x_t))
    go_back(model, goal, track, LOOKS, lambda: tick(steps + 1, total))
    return track.best


def _pull(c: Tensor, rho: Tensor, mu: Tensor) -> Tensor:
    """Return the slope in c of the penalty P2, (N,): a cubic where c > 0, of bounded value where c < 0."""
    above, below = c.clamp_min(0), c.clamp_max(0)
    return torch.where(c > 0, mu + 2 * mu * rho * above + rho**2 * above**2 / 2, mu / (1 - rho * below) ** 2)


def _outward(delta: Tensor, norm: Norm) -> Tensor:
    """Return the gradient of the length; 0 where it has none."""
    return delta.sign() if norm == "l1" else delta / wide(length(delta, norm).clamp_min(1e-12), delta)


def _rate(x: Tensor, descent: Tensor, norm: Norm, share: float) -> Tensor:
    """Return how often `descent` makes a change of `share` of the longest inside the box, (N,), walls included."""
    size = length(descent, norm).clamp_min(torch.finfo(x.dtype).tiny)
    wanted = share * length(torch.maximum(x, 1 - x), norm)
    low, high = torch.zeros_like(size), torch.full_like(size, FARTHEST)  # powers of 2
    for _ in range(HALVINGS):
        power = (low + high) / 2
        times = wanted / size * 2**power
        short = length((x - wide(times, x) * descent).clamp(0, 1) - x, norm) < wanted
        low, high = torch.where(short, power, low), torch.where(short, high, power)
    return times
