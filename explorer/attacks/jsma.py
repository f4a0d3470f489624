"""The Jacobian saliency map attack: the most telling pixels, one move after another."""

from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.core.goals import Goal
from explorer.core.knobs import Choice
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat


@attack("Jacobian saliency map (JSMA)", norms=("l0",), paper="arXiv:1511.07528", knows="gradients", pictures_only=True)
def jsma(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    by: Annotated[str, Choice(("pairs", "pixels"), "move two pixels at once, or one")] = "pairs",
    change: Annotated[str, Choice(("either", "up", "down"), "to 1, to 0, or whichever says more")] = "either",
    aim: Annotated[
        str, Choice(("runner-up", "decrease"), "untargeted: raise the next class, or lower the true")
    ] = "runner-up",
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Set the pixels of greatest saliency to 0 or 1, two at a time, until eps pixels are changed.

    Of a move m (a pixel up or down, or two of them), let a_m be the rise of the wanted class's logit and b_m
    that of the sum of all others, by their slopes. The saliency is -a_m·b_m where a_m > 0 > b_m, and else 0
    (eq. 8-10): one pixel of a pair may have what the other lacks. A changed pixel is not changed again; all
    channels of a pixel move together. Where nothing is salient the attack gives the picture up. The paper is
    targeted; untargeted it wants the strongest other class of the moment, or, as Wiyatno & Xu do, the fall of
    the true one. The slope counts times the way to the wall, so that a pixel beside the wall is not chosen.

    Parameters
    ----------
    x : (N, C, H, W) float32 in [0, 1]
    track : keeps the best iterate, and drops broken images

    Returns
    -------
    (N, C, H, W): the best iterates.

    References
    ----------
    Papernot et al. 2016, arXiv:1511.07528, algorithm 3; untargeted: Wiyatno & Xu 2018, arXiv:1808.07945.
    """
    track = track or Track(x, goal, threat.norm, stop=False)
    pixels, play, x_t = x[0, 0].numel(), torch.arange(len(x), device=x.device), x.clone()
    fresh = torch.ones((len(x), pixels), dtype=torch.bool, device=x.device)  # not changed yet
    budget, width = min(int(threat.eps), pixels), 2 if by == "pairs" else 1
    for spent in range(0, budget, width):
        tick(spent, budget)
        if not len(play):
            break
        logits, rise, others = _slopes(model, x_t[play], goal[play], aim == "decrease")
        if not (stays := track.see(x_t[play], logits)).all():
            play, rise, others = play[stays], rise[stays], others[stays]
            if not len(play):
                break
        now, new = x_t[play], fresh[play]
        ways = ("up", "down") if change == "either" else (change,)
        free = torch.cat([new] * len(ways), 1)  # (N, moves)
        a, b = (torch.cat([_gain(slope, now, way) for way in ways], 1) for slope in (rise, others))
        pair = by == "pairs" and budget - spent > 1
        best, found = (_best_pair if pair else _best)(a.where(free, -torch.inf), -b.where(free, torch.inf), pixels)
        track.leave(~found)
        play, place, now = play[found], best[found] % pixels, now[found]
        value = torch.tensor([float(way == "up") for way in ways], device=x.device)[best[found] // pixels]
        each = place[:, None].expand(-1, x.shape[1], -1)  # (N, C, 1 or 2): all channels of the pixels
        x_t[play] = now.flatten(2).scatter(2, each, value[:, None].expand_as(each)).view_as(now)
        fresh[play] = new[found].scatter(1, place, False)
    if len(play):
        track.see(x_t[play], model(x_t[play]))
    return track.best


def _slopes(model: nn.Module, x: Tensor, goal: Goal, lower: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits, the slope of the one to be raised, and that of the sum of the others, each (N, C, H, W).

    lower : of an untargeted goal, the slopes for the true class to fall: both the other way round
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        own = goal.labels
        if not (goal.targeted or lower):
            own = logits.detach().scatter(1, own[:, None], -torch.inf).argmax(1)
        (rise,) = torch.autograd.grad(logits.gather(1, own[:, None]).sum(), x, retain_graph=True)
        (total,) = torch.autograd.grad(logits.sum(), x)
    sign = 1 if goal.targeted or not lower else -1
    return logits.detach(), sign * rise, sign * (total - rise)


def _gain(slope: Tensor, x: Tensor, way: str) -> Tensor:
    """Return what each pixel gains by the slope on its way to 0 or 1, (N, pixels)."""
    return (slope * ((1 if way == "up" else 0) - x)).flatten(2).sum(1)


def _best(a: Tensor, c: Tensor, pixels: int) -> tuple[Tensor, Tensor]:
    """Return the move of largest a·c with both positive, (N, 1), and who has one, (N,) bool.

    a, c : (N, moves), -inf where a move is not to be had
    """
    score, best = (a * c).where((a > 0) & (c > 0), 0).max(1, keepdim=True)
    return best, score[:, 0] > 0


def _best_pair(a: Tensor, c: Tensor, pixels: int) -> tuple[Tensor, Tensor]:
    """Return the two moves, of different pixels, whose sums of a and of c are positive and give the largest product.

    A move that three others beat in both a and c is in no such pair that is not matched by one without it:
    of the three, one is neither the partner nor the partner's way back. Only the few others are paired.
    """
    a, order = a.sort(dim=1, descending=True)
    c = c.gather(1, order)
    third, falls = c, c
    for _ in range(3):  # the largest c before each place, then the second, then the third
        third = pad(falls.cummax(1).values[:, :-1], (1, 0), value=-torch.inf)
        falls = falls.minimum(third)
    kept = c > third
    near = kept.byte().argsort(dim=1, descending=True, stable=True)[:, : int(kept.sum(1).max())]  # (N, few)
    a, c, order = (v.gather(1, near) for v in (a.where(kept, -torch.inf), c, order))
    two, both, place = a[:, :, None] + a[:, None], c[:, :, None] + c[:, None], order % pixels
    allowed = (two > 0) & (both > 0) & (place[:, :, None] != place[:, None])
    score, index = (two * both).where(allowed, 0).flatten(1).max(1)
    return order.gather(1, torch.stack([index // near.shape[1], index % near.shape[1]], 1)), score > 0
