"""The fast minimum-norm attack."""

import math
from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._planes import go_back
from explorer.attacks._radius import Radius
from explorer.attacks._rows import slope, wide
from explorer.attacks._track import Track, surely
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.norms import Norm, length, project, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

START, PIXELS = 0.04, 0.01  # the first radius, of the longest way inside the box; in l0, of the pixels
FIRST, LAST = 0.12, 0.0004  # the steps, of the longest way inside the box
FARTHEST, NEAREST = 100.0, 0.5  # the steps in l0: how far the value of the steepest slope goes
LOOKS = 4  # of the final search


@attack(
    "Fast minimum norm",
    norms=("linf", "l2", "l1", "l0"),
    paper="arXiv:2102.12827",
    knows="gradients",
    bound="smallest",
)
def fmn(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 1000, "gradient steps")] = 100,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Climb with the change kept inside a ball around the image whose radius closes in on the boundary.

    The change, with a step along the gradient of the margin added to it, is projected on the ball of the norm
    and cut off by the box (algorithm 1). The radius is 1 - gamma times what it was where x_t reaches the goal,
    1 + gamma times where it does not. The steps' length falls by a cosine. In l0 the radius is a number of
    pixels, changes by one at least, and the pixels that move farthest are kept. The other norms end with a
    few looks for the crossing on the way back.

    Four things differ from the paper, each for shorter changes in as many steps. Every image has its own
    gamma, and the first radius grows until it reaches the boundary, as in our DDN; the paper's gamma is the
    same for all, and its first radius the linear distance, which walls and curvature make too short.
    In linf a step goes by the sign of the gradient, not by its unit vector, which moves most values by next
    to nothing; in l0 it takes the steepest pixels to their walls. Values that their wall holds at x do not
    count in a step's length. In l1 and l2 the change is put on the sphere, or walls would keep it from growing.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate, the last included

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Pintor et al. 2021, arXiv:2102.12827.
    """
    norm = threat.norm
    track = track or Track(x, goal, norm, smallest=True)
    longest = length(torch.maximum(x, 1 - x), norm)
    radius = Radius((PIXELS if norm == "l0" else START) * longest, longest, whole=norm == "l0")
    looks, x_t = 0 if norm == "l0" else LOOKS, x
    for i in range(steps):
        tick(i, steps + 1 + looks)
        logits, gradient = slope(model, x_t, goal)
        track.see(x_t, logits)
        eps = radius.adapt(surely(goal, logits))
        share = (1 + math.cos(math.pi * i / steps)) / 2
        delta = project(x_t - x + _step(x, x_t, -gradient, norm, share), norm, eps)
        if norm in ("l1", "l2"):
            delta = delta * wide(eps / length(delta, norm).clamp_min(1e-30), x)
        x_t = (x + delta).clamp(0, 1)
    tick(steps, steps + 1 + looks)
    track.see(x_t, model(x_t))
    go_back(model, goal, track, looks, lambda: tick(steps + 1, steps + 1 + looks))
    return track.best


def _step(x: Tensor, x_t: Tensor, rise: Tensor, norm: Norm, share: float) -> Tensor:
    """Return the step along `rise`, the gradient; the later, the smaller is `share`, from 1 to 0.

    A value that is still at x and at its wall cannot take it, and would only shorten it for the others.
    """
    rise = rise * ~((x_t == x) & ((x <= 0) & (rise < 0) | (x >= 1) & (rise > 0)))
    if norm == "l0":
        top = rise.flatten(1).abs().amax(1).clamp_min(torch.finfo(x.dtype).tiny)
        return (NEAREST + (FARTHEST - NEAREST) * share) * (rise / wide(top, x))
    kind: Norm = "linf" if norm == "linf" else "l2"
    reach = (LAST + (FIRST - LAST) * share) * length(torch.maximum(x, 1 - x), kind)
    return wide(reach, x) * steepest(rise, kind)
