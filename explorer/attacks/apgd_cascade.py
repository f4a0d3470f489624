"""The quick cascade: Auto-PGD twice."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.attacks.apgd import apgd
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat

RESTARTS = {"linf": 1, "l2": 1, "l1": 5}  # of the first stage, as in AutoAttack


@attack("Auto-PGD cascade", norms=("linf", "l2", "l1"), paper="arXiv:2003.01690", knows="gradients")
@torch.no_grad()
def apgd_cascade(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 1000, "gradient steps of each run")] = 100,
    targets: Annotated[int, Whole(1, 1000, "classes that the second stage tries, the likeliest first")] = 3,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Run Auto-PGD on the cross-entropy, then on the targeted DLR loss against what stands.

    Not AutoAttack: it leaves out that cascade's last two stages, FAB-T and Square Attack, which cost most
    and seldom add a picture, and by default tries fewer classes. The accuracy that it leaves is at least
    what AutoAttack would leave.

    Returns (N, ...): the best iterates.

    References
    ----------
    Croce & Hein 2020, arXiv:2003.01690, sec. 5: the first two of its four stages.
    """
    track = track or Track(x, goal, threat.norm)
    restarts, runs = RESTARTS[threat.norm], 1 if goal.targeted else targets
    track.stage("APGD-CE")
    first = part(tick, 0, restarts, restarts + runs)
    apgd(model, x, goal, threat, steps=steps, restarts=restarts, rng=rng, tick=first, track=track)
    track.stage("APGD-T")
    rest, loss = part(tick, restarts, runs, restarts + runs), "dlr-targeted"
    return apgd(model, x, goal, threat, loss=loss, steps=steps, targets=targets, rng=rng, tick=rest, track=track)
