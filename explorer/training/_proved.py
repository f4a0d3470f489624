"""What recipes for verifiable models share: how the budget grows, and the loss at the worst logits that are proved."""

from collections.abc import Callable
from typing import TypeVar

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.certificates.ball import Ball
from explorer.certificates.network import Network, read
from explorer.training.batch import Batch

T = TypeVar("T")
ALL = slice(None)


def grown(progress: float, start: float, ramp: float) -> float:
    """Return a share that is 0 until `start`, 1 from `start + ramp` on and grows linearly between the two."""
    return float(progress >= start) if ramp == 0 else min(1.0, max(0.0, (progress - start) / ramp))


def jumped(progress: float, jumps: int, whole: float) -> float:
    """Return a share that doubles `jumps` times, the last time at `whole` of the training, from when on it is 1.

    Four times and 0.8 are the `jump` schedule of Liu et al. 2023 (arXiv:1912.04792), five equal parts, as their text
    has it: in their code all of it is one doubling larger, and ends beyond the budget.
    """
    if progress >= whole or not jumps:
        return 1.0
    return float(2.0 ** (int(progress / whole * jumps + 1e-9) - jumps))


def ball_of(batch: Batch, share: float, rows: Tensor | slice = ALL) -> Ball:
    """Return the balls of `share` of the budget, cut to [0, 1], around all pictures or some."""
    x = batch.x[rows]
    return Ball(x, batch.threat.norm, x.new_full((len(x),), batch.threat.eps * share))


def bounded(batch: Batch, share: float, bound: Callable[[Network, Ball, Tensor], T], rows: Tensor | slice = ALL) -> T:
    """Return what is proved of pictures of a batch in `share` of the budget, with the weights' gradients.

    The bound sees the model in eval mode: batch norm has its running statistics.
    """
    batch.model.eval()
    found = bound(read(batch.model, batch.x.shape[1:]), ball_of(batch, share, rows), batch.y[rows])
    batch.model.train()
    return found


def worst_case(margins: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy at the worst logits that lower bounds (N, K) on the margins allow.

    Those are -margins, 0 at the label: no point of the ball has a larger loss (Wong & Kolter 2018, arXiv:1711.00851,
    theorem 2).
    """
    return cross_entropy((-margins).scatter(1, labels[:, None], 0.0), labels)
