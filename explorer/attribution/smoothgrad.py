"""SmoothGrad."""

from typing import Annotated

from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._noise import NOISE, SAMPLES, noisy_gradients
from explorer.attribution._score import Score


@method("SmoothGrad", signed=True, paper="arXiv:1706.03825")
def smoothgrad(
    score: Score,
    x: Tensor,
    *,
    samples: Annotated[int, SAMPLES] = 50,
    noise: Annotated[float, NOISE] = 0.15,
    rng: Generator,
) -> Attributed:
    """Average the gradient over noisy copies of the picture, which may leave [0, 1].

    References
    ----------
    Smilkov et al. 2017, arXiv:1706.03825, sec. 3: 50 copies, noise of 10 % to 20 % of the range.
    """
    return noisy_gradients(score, x, samples, noise, rng).mean(0), None
