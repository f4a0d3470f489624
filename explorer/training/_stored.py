"""One step an epoch on a perturbation that every training picture keeps."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.device import uniform
from explorer.core.errors import UserError
from explorer.core.goals import Goal, ascent
from explorer.training._asking import asking
from explorer.training.batch import Batch

Steps = Callable[[Tensor], Tensor]  # squared l2 norms of the loss's gradient (N,) to step lengths (N,)


class Moved(NamedTuple):
    """Where kept perturbations have taken the pictures, (N, ...), and the logits (N, K) from where they came."""

    x_adv: Tensor
    logits: Tensor


def stored(batch: Batch, resets: int, steps: Steps) -> Moved:
    """Return the pictures with their kept perturbations, each moved on by one step of its own length.

    delta <- clip(delta + alpha·sign(gradient of the cross-entropy of x + delta)) into the budget and the pixels' box;
    they are drawn anew, uniformly, at the beginning of each of `resets` equal parts of the training. A perturbation
    belongs to the picture before its crop and flip: what a crop hides stays as it was. linf only. The history gets
    the mean step, in units of eps ("step"), and the mean length of the gradient ("gradient"); the memory each picture's
    last step ("alpha").

    Zheng et al. 2020 (arXiv:1912.11969), alg. 1.
    """
    if batch.threat.norm != "linf":
        raise UserError("This recipe keeps perturbations in ℓ∞: choose that norm.")
    eps, x = batch.threat.eps, batch.x
    canvas, drawn = _kept(batch, resets)
    delta = batch.placement.crop(canvas).clamp(-eps, eps)
    with asking(batch.model) as model:
        x_t = (x + delta).clamp(0, 1)
        logits, slope = ascent(model, x_t, Goal(batch.y))
    # `ascent` follows the log odds: the cross-entropy's gradient is theirs times 1 - p(label)
    doubt = -torch.expm1(logits.log_softmax(1).gather(1, batch.y[:, None])[:, 0])
    square = (slope.flatten(1).square().sum(1) * doubt.square()).detach()
    alpha = steps(square)
    delta = (delta + alpha.view(-1, *[1] * (x.ndim - 1)) * slope.sign()).clamp(-eps, eps)
    delta = (x + delta).clamp(0, 1) - x
    batch.memory.put("delta", batch.index, batch.placement.paste(canvas, delta))
    batch.memory.put("part", batch.index, drawn)
    batch.memory.rows("alpha", batch.index, alpha)
    batch.memory.put("alpha", batch.index, alpha)
    step = float(alpha.mean()) / eps if eps else 0.0
    batch.notes.update(eps=eps, step=step, gradient=float(square.sqrt().mean()))
    return Moved(x + delta, logits)


def _kept(batch: Batch, resets: int) -> tuple[Tensor, Tensor]:
    """Return the perturbations of whole pictures, (N, C, H + 2·margin, ...), and the part of training they are of."""
    margin, eps = 2 * batch.placement.margin, batch.threat.eps
    shape = batch.x.shape if batch.x.ndim < 4 else (*batch.x.shape[:2], *(side + margin for side in batch.x.shape[2:]))
    canvas = batch.memory.rows("delta", batch.index, batch.x.new_empty(shape))
    part = batch.memory.rows("part", batch.index, batch.x.new_empty(len(batch.x)))
    now = int(batch.progress * resets) + 1.0  # 0 stands for a picture never seen
    fresh = (uniform(shape, batch.rng, batch.x.device) * 2 - 1) * eps
    stale = (part != now).view(-1, *[1] * (batch.x.ndim - 1))
    return torch.where(stale, fresh, canvas), torch.full_like(part, now)
