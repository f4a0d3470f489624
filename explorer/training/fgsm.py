"""Adversarial training with the fast gradient sign method, from the picture itself."""

from torch import Tensor

from explorer.training import recipe
from explorer.training._one_step import one_step
from explorer.training.batch import Batch


@recipe("FGSM adversarial training, no random start", paper="arXiv:1412.6572")
def fgsm(batch: Batch) -> Tensor:
    """Mean cross-entropy after one step of length eps from the picture (Goodfellow et al. 2015, sec. 6).

    At a large eps it overfits catastrophically: the model learns to bend its loss so that this one step leads nowhere,
    and falls to an attack of several steps (Wong et al. 2020, arXiv:2001.03994, sec. 5.4). Without the clean loss that
    the paper mixes in by halves. In other norms than linf the step is that norm's steepest.
    """
    return one_step(batch, step=1.0, random_start=False)
