"""Projected gradient descent."""

from typing import Annotated

from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.attacks._walls import movable
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Real, Switch, Whole
from explorer.core.norms import project, random_in_ball, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat


@attack("Projected gradient descent", norms=("linf", "l2", "l1"), paper="arXiv:1706.06083", knows="gradients")
def pgd(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 500, "gradient steps")] = 40,
    step: Annotated[float, Real(0.005, 1.0, "length of a step as a fraction of eps")] = 0.1,
    restarts: Annotated[int, Whole(1, 20, "attempts, each from another random start")] = 1,
    random_start: Annotated[bool, Switch("start at a random point of the budget")] = True,
    share: Annotated[float, Real(0.001, 0.5, "share of the coordinates that one l1 step moves")] = 0.05,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Climb the loss by steps of fixed length, each projected back into the budget.

    x_{t+1} = clip(x + P(x_t + step·eps·d(grad L(x_t)) - x)), with P the projection on the ball and
    d the steepest unit step of the norm (linf: sign; l2: unit vector; l1: Tramèr & Boneh's sparse step
    over the coordinates that the pixel box lets move). Not BIM, which starts at x (set
    `random_start` off); one step of length 1 from x is FGSM.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : keeps the best iterate, the last included, and drops broken images

    Returns
    -------
    (N, ...): with `track` its best iterates, without it the last iterate, as training uses it.

    References
    ----------
    Madry et al. 2018, arXiv:1706.06083, sec. 2.1; l1: Tramèr & Boneh 2019, arXiv:1904.13000, sec. 3.
    """
    x_t = x
    for restart in range(restarts):
        chosen = slice(None) if track is None else track.restart()
        x_0, wanted = x[chosen], goal if track is None else goal[track.open]
        delta = random_in_ball(x_0, threat.norm, threat.eps, rng) if random_start else x_0 * 0
        x_t = (x_0 + delta).clamp(0, 1)
        for i in range(steps):
            tick(restart * steps + i, restarts * steps)
            if not len(x_t):
                break
            logits, gradient = ascent(model, x_t, wanted)
            if track is not None and not (stays := track.see(x_t, logits)).all():
                x_0, x_t, gradient, wanted = x_0[stays], x_t[stays], gradient[stays], wanted[stays]
            if threat.norm == "l1":
                gradient = movable(x_t, gradient)
            move = steepest(gradient, threat.norm, share).mul_(step * threat.eps)
            x_t = project(move.add_(x_t).sub_(x_0), threat.norm, threat.eps).add_(x_0).clamp_(0, 1)
        if track is not None and len(x_t):
            track.see(x_t, model(x_t))
    return x_t if track is None else track.best
