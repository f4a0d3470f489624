"""The control of ATAS: its mean step for everybody."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Real, Whole
from explorer.training import recipe
from explorer.training._stored import stored
from explorer.training.atas import adaptive
from explorer.training.batch import Batch


@recipe("ATAS's mean step for all pictures", paper="arXiv:2206.02417")
def constant_step(
    batch: Batch,
    *,
    c: Annotated[float, Real(1e-4, 100.0, "length of a picture's own gradient at which its step is halved")] = 1.28,
    longest: Annotated[float, Real(0.1, 4.0, "step without any gradient, as a fraction of eps")] = 2.0,
    low: Annotated[float, Real(0.0, 4.0, "shortest step, as a fraction of eps")] = 0.5,
    high: Annotated[float, Real(0.0, 4.0, "longest step, as a fraction of eps")] = 1.75,
    beta: Annotated[float, Real(0.0, 0.99, "weight of earlier epochs in the gradient's mean square")] = 0.5,
    warmup: Annotated[float, Real(0.0, 1.0, "share of the training with steps of eps")] = 0.17,
    resets: Annotated[int, Whole(1, 50, "equal parts of the training; each begins with new random perturbations")] = 3,
) -> Tensor:
    """As `atas`, but each picture of a batch moves by the mean of the steps that ATAS would give them.

    No method of a paper: it tells whether adapting the step to each picture helps, or the length of the steps alone.
    """

    def mean(square: Tensor) -> Tensor:
        alpha = adaptive(batch, square, c, longest, low, high, beta, warmup)
        return torch.full_like(alpha, float(alpha.mean()))

    return cross_entropy(batch.model(stored(batch, resets, mean).x_adv), batch.y)
