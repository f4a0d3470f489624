"""DeepFool."""

from itertools import count
from typing import Annotated

from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._planes import cross, go_back
from explorer.attacks._track import Track
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat


@attack("DeepFool", norms=("l2", "linf"), paper="arXiv:1511.04599", knows="gradients", bound="smallest")
def deepfool(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 500, "steps, each to the nearest linearised boundary")] = 50,
    classes: Annotated[int, Whole(1, 1000, "classes besides the label's that the first step looks at")] = 9,
    overshoot: Annotated[float, Real(0.0, 1.0, "how far beyond the boundary a step goes, in its length")] = 0.02,
    looks: Annotated[int, Whole(0, 20, "looks for the boundary on the way back to the image; 0 in the paper")] = 4,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Step to the nearest decision boundary, taking each for a plane, until it is crossed.

    With the gaps f_k = z_y - z_k and w_k their gradients at x_t, the nearest is that of the least
    f_k / ||w_k||_q (q the dual norm), and the step goes there and `overshoot` further, in l2 along -w_k,
    in linf along -sign(w_k) (eqs. 8 to 11), and into the box. A greedy walk, not a minimisation: it stops at the
    first point beyond a boundary.

    Not in the paper: after its first step an image looks at the two classes nearest by the slopes it knows,
    which finds the same points at a third of the cost; where the walls of the box hold most of a
    step, it is made in the other coordinates; from the 21st step on it goes as far beyond the plane again,
    without which some walks never end; and the way back to the image is searched for where it crosses the
    boundary (`looks`). Towards a class, which the paper leaves out, the step goes to the plane between that
    class and the strongest other.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    track : is shown every iterate; an image leaves once its goal is reached

    Returns
    -------
    (N, ...): the shortest change that reaches the goal; where none does, the iterate of the least margin.

    References
    ----------
    Moosavi-Dezfooli et al. 2016, arXiv:1511.04599, algorithm 2.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    asked = count()

    def ask() -> None:
        tick(next(asked), steps + 1 + looks)

    cross(model, x, goal, threat.norm, steps=steps, classes=classes, overshoot=overshoot, track=track, ask=ask)
    go_back(model, goal, track, looks, ask)
    return track.best
