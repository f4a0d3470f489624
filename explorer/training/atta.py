"""Adversarial training with transferable adversarial examples."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Real, Whole
from explorer.training import recipe
from explorer.training._stored import stored
from explorer.training.batch import Batch


@recipe("ATTA: one step on a kept perturbation", paper="arXiv:1912.11969")
def atta(
    batch: Batch,
    *,
    step: Annotated[float, Real(0.05, 4.0, "length of the step as a fraction of eps")] = 1.0,
    resets: Annotated[int, Whole(1, 50, "equal parts of the training; each begins with new random perturbations")] = 3,
) -> Tensor:
    """Mean cross-entropy at perturbations that go on, one step an epoch, where they were (Zheng et al. 2020, alg. 1).

    As `fgsm_rs`, but the attack of an epoch starts from the end of the one before.
    """
    moved = stored(batch, resets, lambda square: torch.full_like(square, step * batch.threat.eps))
    return cross_entropy(batch.model(moved.x_adv), batch.y)
