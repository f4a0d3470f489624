"""SparseFool: few changed pixels, from the flatness of the decision boundary."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._planes import cross
from explorer.attacks._rows import slope
from explorer.attacks._track import Track
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.norms import steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

LOOPS, OVERSHOOT, BEYOND = 50, 0.02, 1e-3
STEPS, RIVALS = 50, 9  # of DeepFool in a round


@attack(
    "SparseFool",
    norms=("l0",),
    paper="arXiv:1811.02248",
    knows="gradients",
    bound="smallest",
    pictures_only=True,
)
def sparsefool(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    lam: Annotated[
        float, Real(1.0, 10.0, "λ, how far beyond the boundary to aim: larger is quicker, less sparse")
    ] = 3.0,
    delta: Annotated[int, Whole(1, 255, "δ, the largest change of a value in 1/255; 255 is free")] = 255,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Search few pixels that change the answer, taking the boundary near the picture for a plane.

    In rounds, from where the last one ended: DeepFool's way r leads from x_i to the boundary, x_B = x_i +
    lam·r is a point of the plane, its normal w the gradient at x_i + r. The values move along sign(w), those
    of largest |w| first and each as far as its bounds let it, until the plane is crossed (algorithm 1); the
    answer counts at x + 1.02·(x_i - x) (algorithm 2). It moves values, and so in colour may change one channel
    of a pixel, which counts as a whole one. Not an exact minimum; targeted, which the paper leaves out, the
    boundary is that of the wanted class.

    Parameters
    ----------
    x : (N, C, H, W) float32 in [0, 1]
    track : is shown the picture after each round

    Returns
    -------
    (N, C, H, W): the first picture that reaches the goal, each within delta / 255 of x and inside the box;
    where none does after 50 rounds, the best seen.

    References
    ----------
    Modas et al. 2019, arXiv:1811.02248.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    low, high = (x - delta / 255).clamp_min(0), (x + delta / 255).clamp_max(1)
    x_adv, x_i, play = x.clone(), x.clone(), torch.arange(len(x), device=x.device)
    for i in range(LOOPS + 1):
        tick(i, LOOPS + 1)
        logits = model(x_adv[play])
        done = goal[play].reached(logits)
        track.see(x_adv[play], logits)
        track.leave(done)
        play = play[~done]
        if not len(play) or i == LOOPS:
            break
        r, w = _boundary(model, x_i[play], goal[play], partial(tick, i, LOOPS + 1))
        x_i[play] = _cross(x_i[play], w, x_i[play] + lam * r, low[play], high[play])
        x_adv[play] = (x + (1 + OVERSHOOT) * (x_i - x)).clamp(low, high)[play]
    return track.best


def _boundary(model: nn.Module, x: Tensor, goal: Goal, ask: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """Return DeepFool's way r from each x to the decision boundary, and the boundary's unit normal there, (N, ...).

    The box is not considered: a way that it cuts tells less of where the plane lies.
    """
    walk = Track(x, goal, "l2", smallest=True)
    ends = cross(
        model, x, goal, "l2", steps=STEPS, classes=RIVALS, overshoot=OVERSHOOT, boxed=False, track=walk, ask=ask
    )
    r = (ends - x) / (1 + OVERSHOOT)
    ask()
    _, gradient = slope(model, x + r, goal)
    return r, steepest(-gradient, "l2")


def _cross(x: Tensor, w: Tensor, x_b: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Move as few values of x as it takes to cross the plane {z : w·(z - x_b) = 0} (algorithm 1).

    Its loop over the values, largest |w| first, in one pass: each covers what those before it left open.
    """
    missing = (w * (x - x_b)).flatten(1).sum(1, keepdim=True).abs() + BEYOND  # (N, 1)
    room = torch.where(w > 0, high - x, x - low).flatten(1)  # (N, d)
    slope, order = w.flatten(1).abs().sort(dim=1, descending=True)
    room = room.gather(1, order)
    covers = slope * room
    left = (missing - (covers.cumsum(1) - covers)).clamp_min(0)
    move = torch.where(left >= covers, room, left / slope.clamp_min(1e-30))
    moved = torch.zeros_like(move).scatter(1, order, move).view_as(x)
    return (x + w.sign() * moved).clamp(low, high)
