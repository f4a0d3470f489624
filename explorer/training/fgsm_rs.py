"""Adversarial training with one step from a random start."""

from typing import Annotated

from torch import Tensor

from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training._one_step import one_step
from explorer.training.batch import Batch


@recipe("FGSM adversarial training, random start", paper="arXiv:2001.03994")
def fgsm_rs(
    batch: Batch,
    *,
    step: Annotated[float, Real(0.1, 4.0, "length of the step as a fraction of eps")] = 1.25,
) -> Tensor:
    """Mean cross-entropy after one step from a random point of the budget, put back into it (Wong et al. 2020, alg. 3).

    "Fast is better than free": it puts catastrophic overfitting off, and at a larger eps or after more epochs does
    not keep it away.
    """
    return one_step(batch, step=step, random_start=True)
