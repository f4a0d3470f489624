"""Auto-PGD."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._climb import Momentum, Slope, climb
from explorer.attacks._hills import Dlr, Gap, likeliest
from explorer.attacks._sparse import Sparse
from explorer.attacks._track import Track
from explorer.attacks._walls import into_l1
from explorer.core.device import normal
from explorer.core.goals import Goal
from explorer.core.knobs import Choice, Real, Whole
from explorer.core.norms import random_in_ball
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat

WIDER = ((3, 0.3), (2, 0.3))  # l1: first this many times the budget for that share of the steps


@attack("Auto-PGD", norms=("linf", "l2", "l1"), paper="arXiv:2003.01690", knows="gradients")
@torch.no_grad()
def apgd(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    loss: Annotated[str, Choice(("ce", "dlr", "dlr-targeted"), "what is climbed; targeted: class after class")] = "ce",
    steps: Annotated[int, Whole(1, 1000, "gradient steps")] = 100,
    restarts: Annotated[int, Whole(1, 20, "attempts, each from another random start")] = 1,
    rho: Annotated[float, Real(0.0, 1.0, "a step is halved where fewer of the steps went up")] = 0.75,
    targets: Annotated[int, Whole(1, 1000, "classes that dlr-targeted tries, the likeliest first")] = 9,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Climb a loss by steps that adapt to how the climb goes: PGD without a step length to choose.

    It starts at a random point of the budget. In linf and l2 it has momentum, and halves its step and
    goes back to the best point where it gets nowhere; in l1 its steps are sparse, are projected on ball
    and box at once, and 30 % of them each are made in three and in two times the budget.

    "ce" is the cross-entropy, climbed through the log odds, of which it is a rising function that
    saturates: the same steps, but a model that is sure does not blunt them. "dlr" and "dlr-targeted"
    are the difference of logits ratio (see `Dlr`: with fewer than four classes the difference alone). The
    latter tries, on those that stand, the classes likeliest at `x`, of which there may be fewer than
    `targets`. For a targeted goal both are the gap to the strongest other class over eq. 7's scale.

    Returns (N, ...): the best iterates.

    References
    ----------
    Croce & Hein 2020, arXiv:2003.01690, sec. 3 and 4; l1: Croce & Hein 2021, arXiv:2103.01208, sec. 3.
    """
    track = track or Track(x, goal, threat.norm)
    rows = track.restart()
    several = loss == "dlr-targeted" and not goal.targeted
    rivals = torch.zeros((len(x), 1), dtype=torch.long, device=x.device)
    if several and len(rows):
        tick(0, 1)
        found = likeliest(model(x[rows]), goal[rows], targets)
        rivals = rivals.expand(-1, found.shape[1]).index_copy(0, rows, found)
    runs = restarts * rivals.shape[1]
    for run in range(runs):
        rows = track.restart()
        x_0, wanted, watch = x[rows], goal[rows], part(tick, run, 1, runs)
        hill: Slope = wanted if loss == "ce" else Dlr(Gap(wanted, rivals[rows, run // restarts] if several else None))
        if threat.norm == "l1":
            _narrowing(model, hill, x_0, threat.eps, steps, rng, track, watch)
        else:
            start = (x_0 + random_in_ball(x_0, threat.norm, threat.eps, rng)).clamp_(0, 1)
            climb(model, hill, x_0, start, Momentum(threat, steps, rho), steps, track, watch)
    return track.best


def _narrowing(
    model: nn.Module, hill: Slope, x: Tensor, eps: float, steps: int, rng: Generator, track: Track, tick: Tick
) -> None:
    """Climb in l1 in ever smaller balls, each from the best point of the one before; the last is the budget."""
    point, made = x + normal(x.shape, rng, x.device), 0
    for times, share in (*WIDER, (1, 1.0)):
        some = int(share * steps) if times > 1 else steps - made
        if some:
            rule, seen = Sparse(times * eps, some), track if times == 1 else None
            point = (x + into_l1(x, point - x, times * eps)).clamp_(0, 1)
            point = climb(model, hill, x, point, rule, some, seen, part(tick, made, some, steps))
            made += some
