"""GradientSHAP, also called expected gradients."""

from typing import Annotated

from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._score import Score
from explorer.core.device import uniform
from explorer.core.errors import Unsuited
from explorer.core.knobs import Choice, Whole


@method("GradientSHAP", signed=True, paper="arXiv:1705.07874", sums=True)
def gradient_shap(
    score: Score,
    x: Tensor,
    *,
    baselines: Annotated[str, Choice(("noise", "pictures"), "random pictures, or others of the data set")] = "noise",
    samples: Annotated[int, Whole(2, 500, "baselines drawn")] = 50,
    rng: Generator,
    crowd: Tensor | None = None,
) -> Attributed:
    """Average, over baselines x' and places α on the way from them, the gradient times the change.

    E[(x - x')·∇F(x' + α(x - x'))], α uniform. The expectation sums to F(x) - E F(x'); of few samples the sum is
    as far from it as they are from their mean. Every picture gets the same baselines. Captum's own draws from the
    process-wide generators, which other jobs use too.

    References
    ----------
    Lundberg & Lee 2017, arXiv:1705.07874 (the method is their package's); Erion et al. 2021, arXiv:1906.10670.
    """
    score.expect(samples + 2)
    x = x.detach()
    if baselines == "pictures":
        if crowd is None or not len(crowd):
            raise Unsuited("There are no other pictures to serve as baselines: choose noise.")
        drawn = (uniform((samples,), rng, x.device) * len(crowd)).long()
        empty = crowd[drawn]  # (samples, ...)
    else:
        empty = uniform((samples, *x.shape[1:]), rng, x.device)
    alpha = uniform((samples,), rng, x.device).view(-1, 1, *[1] * (x.ndim - 1))
    change = x - empty[:, None]  # (samples, N, ...)
    maps = (change * score.gradients(empty[:, None] + alpha * change)).mean(0)
    return maps, score.at(x) - score.mean_over(empty)
