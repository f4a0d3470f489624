"""VarGrad."""

from typing import Annotated

from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._noise import NOISE, SAMPLES, noisy_gradients
from explorer.attribution._score import Score


@method("VarGrad", signed=False, paper="arXiv:1810.03292")
def vargrad(
    score: Score,
    x: Tensor,
    *,
    samples: Annotated[int, SAMPLES] = 50,
    noise: Annotated[float, NOISE] = 0.15,
    rng: Generator,
) -> Attributed:
    """Return the gradient's variance over noisy copies of the picture: where it is unsteady, not where it is large.

    References
    ----------
    Adebayo et al. 2018, arXiv:1810.03292; arXiv:1810.03307.
    """
    return noisy_gradients(score, x, samples, noise, rng).var(0, unbiased=False), None
