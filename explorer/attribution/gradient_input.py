"""Gradient times input."""

from torch import Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._score import Score


@method("Gradient × input", signed=True, paper="arXiv:1605.01713")
def gradient_input(score: Score, x: Tensor) -> Attributed:
    """Return each value times the score's gradient in it: the score's share of a linear model.

    Black pixels get 0 by construction.

    References
    ----------
    Shrikumar et al. 2016, arXiv:1605.01713.
    """
    return x * score.gradients(x[None])[0], None
