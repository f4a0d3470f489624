"""Guided backpropagation."""

from captum.attr import GuidedBackprop
from torch import Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._score import Score


@method("Guided backpropagation", signed=True, paper="arXiv:1412.6806", needs=("relu",))
def guided_backprop(score: Score, x: Tensor) -> Attributed:
    """Return the gradient with only its positive part passed back through every ReLU.

    Sharp, but of edges rather than of the class: it hardly changes when upper layers get random weights
    (Adebayo et al. 2018, arXiv:1810.03292).

    References
    ----------
    Springenberg et al. 2015, arXiv:1412.6806, sec. 3.4.
    """
    return GuidedBackprop(score).attribute(x, additional_forward_args=score.args), None
