"""Fast adversarial training with an adaptive step for each picture."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Real, Whole
from explorer.training import recipe
from explorer.training._stored import stored
from explorer.training.batch import Batch


@recipe("ATAS: one step, shorter where gradients are large", paper="arXiv:2206.02417")
def atas(
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
    """Mean cross-entropy at kept perturbations, each moved by a step of its own (Huang et al. 2023, alg. 1).

    v <- beta·v + (1 - beta)·|g|², alpha = clip(longest·eps / (1 + sqrt(v) / c), low·eps, high·eps): eqs. 6 and 7. Here
    g is the gradient of a picture's own cross-entropy, so that nothing hangs on the size of the batch: the authors'
    c = 0.01 is that of the mean over 128 pictures, 1.28 of one. And v begins with the first |g|², not with 0,
    which would halve it. Their steps, fixed for eps = 8/255, are fractions of eps here.
    """
    moved = stored(batch, resets, lambda square: adaptive(batch, square, c, longest, low, high, beta, warmup))
    return cross_entropy(batch.model(moved.x_adv), batch.y)


def adaptive(
    batch: Batch, square: Tensor, c: float, longest: float, low: float, high: float, beta: float, warmup: float
) -> Tensor:
    """Return each picture's step, (N,), from its squared gradient (N,), of which it keeps the moving mean."""
    eps = batch.threat.eps
    before = batch.memory.rows("square", batch.index, square)
    v = torch.where(before > 0, beta * before + (1 - beta) * square, square)
    batch.memory.put("square", batch.index, v)
    if batch.progress < warmup:
        return torch.full_like(square, eps)
    return (longest * eps / (1 + v.sqrt() / c)).clamp(low * eps, high * eps)
