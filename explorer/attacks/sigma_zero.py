"""Sigma-zero: few changed pixels, by descending a smooth count of them."""

import math
from collections.abc import Callable
from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._adam import Adam
from explorer.attacks._rows import wide
from explorer.attacks._track import Track, ahead, surely
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

RATE, LAST = 1.0, 0.1  # eta_0 of the paper, and where its cosine ends
SIGMA = 1e-3  # how sharp the smooth count is
TAU, PACE = 0.3, 0.01  # tau_0, and by which part of the rate it moves
BACK = 10  # for so many steps one pixel is tried again at the end


@attack("Sigma-zero", norms=("l0",), paper="arXiv:2402.01879", knows="gradients", bound="smallest")
def sigma_zero(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 2000, "gradient steps; the paper takes 1000")] = 300,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Descend the margin and a smooth count of the changed pixels, and put small changes back to none.

    The loss is max(margin, 0) + mean over the pixels of ||delta_p||^2 / (||delta_p||^2 + sigma). Its gradient
    is scaled to a largest entry of 1, Adam takes the step, at a rate that falls by a cosine from 1 to 0.1, and
    pixels that changed by less than tau are put back; tau grows by a hundredth of the rate where the goal
    is reached and falls by as much where it is not (algorithm 1).

    Three things differ from the paper. It counts values, and so the channels of a pixel apart; here all
    channels of a pixel are together in the count, and under tau by the one that changed most. On grey pictures
    this is the same. The margin is taken in units of the clean picture's, so that the scale of the logits
    plays no part. And in the end the least changed pixels of the best picture, one for every ten steps, are
    put back one after another where the goal stays reached. The paper is untargeted; targeted, the margin is
    that of the wanted class. Not an exact minimum.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate, the last included; an image with one changed pixel leaves

    Returns
    -------
    (N, ...): the fewest changed pixels that reach the goal; where none do, the iterate of the least margin.

    References
    ----------
    Cinà et al. 2025, arXiv:2402.01879.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    total, x_0, aim, x_t, adam = steps + steps // BACK + 1, x, goal, x, Adam(x)
    tau, unit = x.new_full((len(x),), TAU), x.new_zeros(0)
    for i in range(steps):
        tick(i, total)
        logits, height, gradient = _hinge(model, x_t, aim)
        unit = unit if i else height.clamp_min(torch.finfo(x.dtype).tiny)
        track.see(x_t, logits)
        gradient = gradient / wide(unit, x) + _rise_of_count(x_t - x_0)
        step = adam.step(gradient / wide(gradient.flatten(1).abs().amax(1).clamp_min(1e-12), x))
        rate = RATE * (LAST + (1 - LAST) * (1 + math.cos(math.pi * i / steps)) / 2)
        tau = (tau + torch.where(height < 0, PACE * rate, -PACE * rate)).clamp_(0, 1)
        x_t = (x_t - rate * step).clamp_(0, 1)
        x_t = torch.where(_changes(x_t - x_0) < wide(tau, x), x_0, x_t)
        if (stays := track.size[track.open] > 1).all():
            continue
        track.leave(~stays)
        adam.keep(stays)
        x_0, x_t, aim, tau, unit = x_0[stays], x_t[stays], aim[stays], tau[stays], unit[stays]
        if not len(x_t):
            return track.best
    tick(steps, total)
    track.see(x_t, model(x_t))
    _put_back(model, goal, track, steps // BACK, lambda i: tick(steps + 1 + i, total))
    return track.best


def _hinge(model: nn.Module, x: Tensor, goal: Goal) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits, the height above a sure goal, (N,), and the gradient of the height where it is positive.

    Where no height is, nothing is differentiated.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        height = ahead(goal, logits)
        hinge = height.clamp_min(0).sum()
        gradient = torch.autograd.grad(hinge, x)[0] if hinge > 0 else torch.zeros_like(x)
    return logits.detach(), height.detach(), gradient


def _rise_of_count(delta: Tensor) -> Tensor:
    """Return the gradient of the smooth count's mean over the pixels."""
    square = delta.square()
    if delta.ndim == 4:
        square = square.sum(1, keepdim=True)
    return 2 * SIGMA / square[0].numel() * delta / (square + SIGMA).square_()


def _changes(delta: Tensor) -> Tensor:
    """Return by how much the most changed channel of each pixel did, (N, 1, H, W); of points each value, (N, d)."""
    return delta.abs().amax(1, keepdim=True) if delta.ndim == 4 else delta.abs()


def _put_back(model: nn.Module, goal: Goal, track: Track, looks: int, tick: Callable[[int], None]) -> None:
    """Show `track` its best pictures without one changed pixel after another, the least changed first."""
    track.play((track.size.isfinite() & (track.size > 1)).nonzero()[:, 0])
    x, x_t, goal = track.x[track.open], track.best[track.open], goal[track.open]
    changes = _changes(x_t - x)
    order = changes.where(changes > 0, float("inf")).flatten(1).argsort(1)  # (M, pixels)
    for i in range(min(looks, int(track.size[track.open].max())) if len(x) else 0):
        tick(i)
        chosen = torch.zeros_like(order, dtype=torch.bool).scatter_(1, order[:, i : i + 1], True).view_as(changes)
        fewer = torch.where(chosen, x, x_t)
        logits = model(fewer)
        track.see(fewer, logits)
        x_t = torch.where(wide(surely(goal, logits), x), fewer, x_t)
