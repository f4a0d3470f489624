"""Integrated gradients."""

from typing import Annotated

from captum.attr import IntegratedGradients
from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution._score import Score
from explorer.core.knobs import Whole


@method("Integrated gradients", signed=True, paper="arXiv:1703.01365", sums=True)
def integrated_gradients(
    score: Score,
    x: Tensor,
    *,
    baseline: Annotated[str, CHOICE] = "black",
    steps: Annotated[int, Whole(2, 500, "points on the way from the baseline")] = 50,
    rng: Generator,
) -> Attributed:
    """Integrate the gradient on the straight way from a baseline to the picture, times the change on it.

    (x - x')·∫ ∇F(x' + α(x - x')) dα by Gauss-Legendre; a map sums to F(x) - F(x') up to the rule's error. Where
    the picture equals the baseline the map is 0 by construction.

    References
    ----------
    Sundararajan et al. 2017, arXiv:1703.01365, eq. (1) and prop. 1.
    """
    empty = baseline_of(baseline, x, rng)
    score.expect(steps + 2)
    maps = IntegratedGradients(score).attribute(
        x, empty, additional_forward_args=score.args, n_steps=steps, internal_batch_size=score.limit
    )
    return maps, score.at(x) - score.at(empty)
