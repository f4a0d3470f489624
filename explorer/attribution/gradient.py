"""The gradient in the picture."""

from torch import Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._score import Score


@method("Input gradient", signed=True, paper="arXiv:1312.6034")
def gradient(score: Score, x: Tensor) -> Attributed:
    """Return how fast the score rises with each value: its gradient at the picture.

    With the loss as target it is what an attacker follows. Not the share that a value has in the score: a linear
    model's map is its weights, whatever the picture.

    References
    ----------
    Simonyan et al. 2014, arXiv:1312.6034, sec. 3 (there in magnitude).
    """
    return score.gradients(x[None])[0], None
