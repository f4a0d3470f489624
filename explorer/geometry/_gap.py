"""The boundary between two classes: where one logit is as high as the other."""

import torch
from torch import Tensor, nn


def gap_gradient(model: nn.Module, x: Tensor, labels: Tensor, others: Tensor) -> Tensor:
    """Return the gradient in x (N, ...) of z_label - z_other, for classes (N,) each."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        gap = logits.gather(1, labels[:, None]) - logits.gather(1, others[:, None])
        (gradient,) = torch.autograd.grad(gap.sum(), x)
    return gradient
