"""The fast gradient sign method, iterated with momentum."""

from typing import Annotated

from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._rows import wide
from explorer.attacks._track import Track
from explorer.attacks._walls import movable
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Real, Whole
from explorer.core.norms import length, project, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat


@attack("Momentum iterative method", norms=("linf", "l2", "l1"), paper="arXiv:1710.06081", knows="gradients")
def mifgsm(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 500, "gradient steps, each of length eps / steps")] = 10,
    decay: Annotated[float, Real(0.0, 2.0, "how much of the momentum a step keeps; 0 is plain BIM")] = 1.0,
    share: Annotated[float, Real(0.001, 0.5, "share of the coordinates that one l1 step moves")] = 0.05,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Climb the loss along the running sum of its gradients: steadier, and better at fooling other models.

    g_{t+1} = decay·g_t + grad L(x_t) / ||grad L(x_t)||_1, x_{t+1} = clip(x_t + (eps / steps)·d(g_{t+1})),
    d the steepest unit step of the norm (linf: sign, eq. 6-7; l2: unit vector, eq. 9; l1, which the paper
    leaves out: Tramèr & Boneh's sparse step, as in PGD). From x, with no random start and no restart:
    the steps together are just as long as the budget.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : keeps the best iterate, the last included, and drops broken images

    Returns
    -------
    (N, ...): the best iterates.

    References
    ----------
    Dong et al. 2018, arXiv:1710.06081, algorithm 1.
    """
    track, x_0, x_t, momentum = track or Track(x, goal, threat.norm, stop=False), x, x, x * 0
    for i in range(steps):
        tick(i, steps)
        if not len(x_t):
            break
        logits, gradient = ascent(model, x_t, goal)
        if not (stays := track.see(x_t, logits)).all():
            x_0, x_t, gradient, momentum = x_0[stays], x_t[stays], gradient[stays], momentum[stays]
            goal = goal[stays]
        momentum = decay * momentum + gradient / wide(length(gradient, "l1").clamp_min(1e-37), x)
        ahead = movable(x_t, momentum) if threat.norm == "l1" else momentum
        x_t = x_t + threat.eps / steps * steepest(ahead, threat.norm, share)
        x_t = (x_0 + project(x_t - x_0, threat.norm, threat.eps)).clamp(0, 1)
    if len(x_t):
        track.see(x_t, model(x_t))
    return track.best
