"""AutoAttack."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.attacks.apgd_cascade import apgd_cascade
from explorer.attacks.fab import fab
from explorer.attacks.square import SCHEDULE, square
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.norms import project
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat

TARGETS = {"linf": 9, "l2": 9, "l1": 5}  # classes of APGD-T
CLASSES = 9  # of FAB-T
COSTS = (10, 18, 25)  # about how the time is shared by Auto-PGD's two stages, FAB-T and Square


@attack(
    "AutoAttack",
    norms=("linf", "l2", "l1"),
    paper="arXiv:2003.01690",
    knows="gradients",
    on_points="AutoAttack's last stage, Square, is left out here: it moves squares of pixels, and points have none.",
)
@torch.no_grad()
def autoattack(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 1000, "steps of each run of the first three stages")] = 100,
    queries: Annotated[int, Whole(1, 20_000, "questions of the last stage to the model")] = 5000,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Run the standard cascade, each stage on what still stands: APGD-CE, APGD-T, FAB-T, Square Attack.

    Auto-PGD on the cross-entropy, and on the targeted DLR loss for the nine likeliest classes (in l1 five
    restarts and five classes); FAB to each of nine classes, which counts where it ends inside the budget;
    Square Attack with 5,000 queries. Fewer classes where there are fewer, and no Square Attack on
    points, which have no squares. Towards a wanted class it is the only target. The defaults are the
    standard; with other values a result should not bear the name.

    Returns (N, ...): the best iterates inside the budget.

    References
    ----------
    Croce & Hein 2020, arXiv:2003.01690, sec. 5; l1: Croce & Hein 2021, arXiv:2103.01208, sec. 4.
    """
    track = track or Track(x, goal, threat.norm)
    pgd, walk, search = COSTS
    whole = sum(COSTS)
    first = part(tick, 0, pgd, whole)
    apgd_cascade(model, x, goal, threat, steps=steps, targets=TARGETS[threat.norm], rng=rng, tick=first, track=track)
    track.stage("FAB-T")
    if len(track.open):
        x_0, wanted = x[track.open], goal[track.open]
        second = part(tick, pgd, walk, whole)
        found = fab(
            model, x_0, wanted, threat, way="each", steps=steps, targets=CLASSES, within=threat.eps, tick=second
        )
        x_t = (x_0 + project(found - x_0, threat.norm, threat.eps)).clamp(0, 1)
        track.see(x_t, model(x_t))
    if x.ndim == 4:
        track.stage("Square")
        last = part(tick, pgd + walk, search, whole)
        square(model, x, goal, threat, queries=queries, schedule=SCHEDULE, rng=rng, tick=last, track=track)
    return track.best
