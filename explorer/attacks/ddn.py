"""The decoupled direction and norm attack."""

import math
from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._radius import Radius
from explorer.attacks._rows import wide
from explorer.attacks._track import Track, surely
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Whole
from explorer.core.norms import length, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

START, FIRST, LAST = 0.04, 0.12, 0.0004  # of the longest way inside the box: the first radius, the steps


@attack("Decoupled direction and norm", norms=("l2",), paper="arXiv:1811.09600", knows="gradients", bound="smallest")
def ddn(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 1000, "gradient steps")] = 60,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Search the direction by gradient steps on a sphere around the image that shrinks once inside the goal.

    The radius is 1 - gamma times what it was where x_t reaches the goal, 1 + gamma times where it does not;
    the change, with a step along the unit gradient added to it, is put on the sphere and into the
    box (algorithm 1). The steps' length falls by a cosine. The gradient is that of the goal's log odds:
    the direction of the paper's cross-entropy, without its rounding to 0.

    Radius and steps begin at shares of the longest way inside the box, 0.04 and 0.12 of it, which in
    MNIST is about 1 and 3 (the paper's are 1 and 1, whatever the images).

    Three things differ from the paper, by which 60 steps find shorter changes than its 100 do.
    Until the goal is first reached the radius grows by 1.3, not by 1.05. Then each image has its own gamma: half
    as large after a change of side, half again as large after none, from 0.001 to 0.2 and not always
    0.05, so that the sphere lingers where the goal is first reached, then shrinks fast, then settles.
    And the first steps are longer.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate, the last included

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Rony et al. 2019, arXiv:1811.09600.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    longest = length(torch.maximum(x, 1 - x), "l2")
    x_t, radius = x, Radius(START * longest, longest)
    for i in range(steps):
        tick(i, steps + 1)
        logits, gradient = ascent(model, x_t, goal)
        track.see(x_t, logits)
        eps = radius.adapt(surely(goal, logits))
        share = LAST + (FIRST - LAST) * (1 + math.cos(math.pi * i / steps)) / 2
        delta = x_t - x + wide(share * longest, x) * steepest(gradient, "l2")
        x_t = (x + delta * wide(eps / length(delta, "l2").clamp_min(1e-30), x)).clamp(0, 1)
    tick(steps, steps + 1)
    track.see(x_t, model(x_t))
    return track.best
