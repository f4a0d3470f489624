"""Values of which each image has one, beside the images."""

import torch
from torch import Tensor, nn

from explorer.core.goals import Goal


def wide(values: Tensor, x: Tensor) -> Tensor:
    """Return `values` (N,) so shaped that it broadcasts over the images x (N, ...)."""
    return values.view(-1, *[1] * (x.ndim - 1))


def slope(model: nn.Module, x: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    """Return (logits, gradient in x of the goal's margin): one forward, one input-only backward."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        (gradient,) = torch.autograd.grad(goal.margin(logits).sum(), x)
    return logits.detach(), gradient
