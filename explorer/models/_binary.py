"""Layers whose weights are -1 or +1 and never learn: what learns is which of them count."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

REACH = 0.01  # first scores are drawn from -REACH to REACH, whatever the layer's size


class _Pruned(nn.Module):
    """Fixed signs and learned scores of one shape: the weights with the `kept` largest scores count, the others are 0.

    Largest by size, whatever their sign. The gradient passes straight through the choice: that of a score is the
    weight's times both their signs, as if the score's size stood for "it counts" (Ramanujan et al. 2020,
    arXiv:1911.13299; by size: Liu et al. 2022, arXiv:2202.01341).
    """

    signs: Tensor

    def __init__(self, shape: Sequence[int], kept: int) -> None:
        super().__init__()
        self.kept = kept
        self.register_buffer("signs", torch.ones(*shape))
        self.scores = nn.Parameter(torch.zeros(*shape))

    def draw(self, rng: torch.Generator) -> None:
        """Draw signs and first scores."""
        with torch.no_grad():
            self.signs.copy_(torch.randint(0, 2, self.signs.shape, generator=rng) * 2 - 1)
            self.scores.copy_((torch.rand(self.scores.shape, generator=rng) * 2 - 1) * REACH)

    def chosen(self) -> Tensor:
        """Return which weights count, of the scores' shape, 0 or 1; of equal scores the first ones."""
        size = self.scores.detach().abs().flatten()
        best = size.argsort(descending=True, stable=True)[: self.kept]
        return torch.zeros_like(size).index_fill_(0, best, 1.0).view_as(self.scores)

    def weight(self) -> Tensor:
        """Return the weights in use: -1, 0 or 1."""
        size = self.scores.abs()
        return self.signs * (self.chosen() + size - size.detach())


class BinaryConv2d(_Pruned):
    """A 3×3 convolution without bias, of such weights."""

    def __init__(self, inputs: int, outputs: int, kept: int, stride: int = 1) -> None:
        super().__init__((outputs, inputs, 3, 3), kept)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        return conv2d(x, self.weight(), None, self.stride, 1)

    def plain(self) -> nn.Conv2d:
        """Return an ordinary layer that computes the same, with weights that no longer learn."""
        outputs, inputs = self.scores.shape[:2]
        layer = nn.Conv2d(inputs, outputs, 3, self.stride, 1, bias=False)
        layer.weight = nn.Parameter(self.weight().detach(), requires_grad=False)
        return layer


class BinaryLinear(_Pruned):
    """A fully connected layer without bias, of such weights."""

    def __init__(self, inputs: int, outputs: int, kept: int) -> None:
        super().__init__((outputs, inputs), kept)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs) to (N, outputs)."""
        return linear(x, self.weight())

    def plain(self) -> nn.Linear:
        """Return an ordinary layer that computes the same, with weights that no longer learn."""
        outputs, inputs = self.scores.shape
        layer = nn.Linear(inputs, outputs, bias=False)
        layer.weight = nn.Parameter(self.weight().detach(), requires_grad=False)
        return layer


def counts(sizes: Sequence[int], keep: float, p: float) -> list[int]:
    """Return how many weights of each layer count: c·size^p, c such that it is a share `keep` of all.

    p = 1: the same share of every layer; p = 0: the same number. A layer with fewer weights than its number keeps
    them all, and c is found anew for the others, from the smallest on. Liu et al. 2022 (arXiv:2202.01341), sec. 3.2.
    """
    found, left = [0] * len(sizes), keep * sum(sizes)
    rest = sorted(range(len(sizes)), key=lambda i: sizes[i])
    while rest:
        c = left / sum(sizes[i] ** p for i in rest)
        first = rest[0]
        if c * sizes[first] ** p < sizes[first]:
            break
        found[first] = sizes[first]
        left -= sizes[first]
        rest.pop(0)
    for i in rest:
        found[i] = max(1, round(c * sizes[i] ** p))
    return found
