"""Periodic adversarial scheduling: adversarial training whose budget grows anew in every period."""

import math
from typing import Annotated

from torch import Tensor

from explorer.core.knobs import Choice, Real, Whole
from explorer.training import recipe
from explorer.training._within import within
from explorer.training.batch import Batch


@recipe("Periodic adversarial scheduling (PAS)", paper="arXiv:2006.08403")
def pas(
    batch: Batch,
    *,
    steps: Annotated[int, Whole(1, 50, "gradient steps of the attack in training")] = 7,
    step: Annotated[float, Real(0.005, 2.0, "length of a step as a fraction of eps")] = 0.25,
    periods: Annotated[int, Whole(1, 20, "equal parts of the training; in each eps grows from 0")] = 1,
    shape: Annotated[str, Choice(("cosine", "linear"), "how eps grows")] = "cosine",
    peak: Annotated[float, Real(1.0, 10.0, "where a period would end, in multiples of eps, which is the most")] = 1.5,
) -> Tensor:
    """Mean cross-entropy at the point that PGD finds in a budget that grows periodically (Liu et al. 2020).

    As `pgd` but for the budget: `share` of eps, so that the steps shrink with it. The learning rate is the plan's
    own affair, and the snapshots at the periods' ends are not made an ensemble, as the paper does on CIFAR-10.
    """
    return within(batch, share(batch.progress, periods, shape, peak), steps, step)


def share(progress: float, periods: int = 1, shape: str = "cosine", peak: float = 1.5) -> float:
    """Return the budget at a moment of the training, `progress` in [0, 1), as a share of eps, in [0, 1].

    min(1, peak·(1 - cos(pi·r))/2) for "cosine", min(1, peak·r) for "linear", r in [0, 1) being how much of the
    period is over: with a peak above 1 the last part of each period trains at the whole eps. Liu et al. 2020
    (arXiv:2006.08403) take a peak of 1.5 for cosine and 2 for linear at eps = 0.4 on MNIST, with one period, and
    2 for both on CIFAR-10. One linear period is `pgd` with a warm-up over 1/peak of the training.
    """
    r = progress * periods % 1.0
    grown = (1 - math.cos(math.pi * r)) / 2 if shape == "cosine" else r
    return min(1.0, peak * grown)
