"""The fast gradient sign method."""

from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._walls import movable
from explorer.core.goals import Goal, ascent
from explorer.core.norms import steepest
from explorer.core.types import Threat


@attack("Fast gradient method", norms=("linf", "l2", "l1"), paper="arXiv:1412.6572", knows="gradients")
def fgsm(model: nn.Module, x: Tensor, goal: Goal, threat: Threat) -> Tensor:
    """Take one step of the whole budget along the loss's steepest direction.

    x_adv = x + eps·sign(grad L(x)) in linf (Goodfellow et al. 2015, sec. 4); in l2 along the unit
    gradient, in l1 the one strongest coordinate that the pixel box lets move. No random start.

    Returns (N, ...), clipped to the box, and so shorter than the budget where a wall is near.
    """
    _, gradient = ascent(model, x, goal)
    if threat.norm == "l1":
        gradient = movable(x, gradient)
    return (x + threat.eps * steepest(gradient, threat.norm)).clamp(0, 1)
