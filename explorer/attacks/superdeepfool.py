"""SuperDeepFool."""

from itertools import count
from typing import Annotated

from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._planes import cross, go_back
from explorer.attacks._rows import slope, wide
from explorer.attacks._track import Track
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.norms import steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

LONGEST = 50  # DeepFool's steps where it goes on until the boundary is crossed


@attack("SuperDeepFool", norms=("l2",), paper="arXiv:2303.12481", knows="gradients", bound="smallest")
def superdeepfool(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    rounds: Annotated[int, Whole(1, 200, "rounds of DeepFool and projections")] = 5,
    m: Annotated[int, Whole(0, 50, "DeepFool's steps in a round but the last; 0: until it crosses")] = 0,
    n: Annotated[int, Whole(1, 10, "projections in a round")] = 1,
    overshoot: Annotated[float, Real(0.0, 1.0, "how far beyond the boundary a step goes, in its length")] = 0.02,
    looks: Annotated[int, Whole(0, 20, "looks for the boundary on the way back to the image")] = 5,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Walk over the boundary as DeepFool does, and from there to the foot of the perpendicular from the image.

    SDF(m, n): a round makes m of DeepFool's steps from x_t, and then n times projects the change so
    far on the boundary's normal there: with w the gradient of the gap to the class reached,
    x_t = x + (x_t - x)·w w / ||w||² (algorithms 2 and 3). The rounds of an image end where that point is beyond
    the boundary; the way back from the best one to the image is searched for the crossing. DeepFool's own
    change is not perpendicular to the boundary, and so longer than it need be.

    With few steps in a round the boundary may never be crossed; the last round goes on until it is.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate but those between two projections; an image leaves at the end of its rounds

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Abdollahpour et al. 2023, arXiv:2303.12481.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    asked, total = count(), (rounds - 1) * ((m or LONGEST) + 1 + n) + LONGEST + 1 + n + 1 + looks

    def ask() -> None:
        tick(next(asked), total)

    x_t = x
    for done in range(rounds):
        steps = m if m and done < rounds - 1 else LONGEST
        classes = 2 if done else 9  # near a boundary only the strongest rivals matter
        wanted = goal[track.open]
        ends = cross(model, x_t, wanted, "l2", steps=steps, classes=classes, overshoot=overshoot, track=track, ask=ask)
        stays = (ends != x_t).flatten(1).any(1)  # the others were beyond the boundary before the first step
        track.leave(~stays)
        x_0, x_t, wanted = track.x[track.open], ends[stays], wanted[stays]
        if not len(x_t):
            break
        for _ in range(n):
            ask()
            _, gradient = slope(model, x_t, wanted)
            normal = steepest(gradient, "l2")
            x_t = (x_0 + wide(((x_t - x_0) * normal).flatten(1).sum(1), x) * normal).clamp(0, 1)
    if len(x_t):
        ask()
        track.see(x_t, model(x_t))
    go_back(model, goal, track, looks, ask)
    return track.best
