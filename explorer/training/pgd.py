"""Adversarial training with projected gradient descent."""

from typing import Annotated

from torch import Tensor

from explorer.core.knobs import Real, Whole
from explorer.training import recipe
from explorer.training._within import within
from explorer.training.batch import Batch


@recipe("PGD adversarial training", paper="arXiv:1706.06083")
def pgd(
    batch: Batch,
    *,
    steps: Annotated[int, Whole(1, 50, "gradient steps of the attack in training")] = 7,
    step: Annotated[float, Real(0.005, 2.0, "length of a step as a fraction of eps")] = 0.25,
    warmup: Annotated[float, Real(0.0, 1.0, "share of the training over which eps grows from 0")] = 0.0,
) -> Tensor:
    """Mean cross-entropy at the point that PGD finds in the budget (Madry et al. 2018, eq. 2.1).

    The attack starts at a random point, runs on the model in eval mode (running batch statistics)
    and its last iterate is used. With `warmup` eps grows linearly, which lets a large budget leave
    the plateau at ln(classes) (Liu et al. 2020, arXiv:2006.08403).
    """
    return within(batch, min(1.0, batch.progress / warmup if warmup else 1.0), steps, step)
