"""Lines that hold a ReLU or a maximum between them, given bounds of what goes in."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad, unfold

from explorer.certificates.network import Step


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """low_slope · z <= value <= slope · z + shift, (N, 1 or R, *shape of the value) each.

    source : of a maximum, the place in its channel of the entry z that the lines are of, (N, C, places); else None:
        z is the ReLU's own input
    """

    low_slope: Tensor
    slope: Tensor
    shift: Tensor
    source: Tensor | None = None

    def __getitem__(self, rows: slice) -> "Lines":
        """Return the lines of some pictures."""
        source = None if self.source is None else self.source[rows]
        return Lines(self.low_slope[rows], self.slope[rows], self.shift[rows], source)


Relaxation = Callable[[Tensor, Tensor], Lines]


def chord(low: Tensor, high: Tensor) -> Lines:
    """Return the lines of one slope u / (u - l), Weng et al. 2018 (arXiv:1804.09699), sec. 3; bounds (N, *shape)."""
    loose = (low < 0) & (high > 0)
    slope = torch.where(loose, high / torch.where(loose, high - low, 1.0), (low >= 0).to(low.dtype))[:, None]
    return Lines(slope, slope, torch.where(loose, -low, 0.0)[:, None] * slope)


def adaptive(low: Tensor, high: Tensor) -> Lines:
    """Return lines, the lower one of the slope, 0 or 1, that leaves the smaller area (Zhang et al. 2018, sec. 3.3)."""
    upper = chord(low, high)
    return Lines((upper.slope > 0.5).to(low.dtype), upper.slope, upper.shift)


def largest(step: Step, low: Tensor, high: Tensor) -> Lines:
    """Return the lines of max pooling: below, the entry of largest lower bound; above, the largest upper bound.

    Where no other entry of a window can exceed that entry, it is the upper line too. Bounds (N, C, H, W).
    """
    lows, highs = (windows(step, side, float("-inf")) for side in (low, high))  # (N, C, k², places)
    best = (lows + 1e-3 * (highs - lows).nan_to_num(0)).argmax(2, keepdim=True)  # all are sound: wide ones break ties
    others = highs.scatter(2, best, float("-inf")).amax(2)
    alone = (lows.gather(2, best)[:, :, 0] >= others).to(low.dtype)
    shift = torch.where(alone > 0, 0.0, highs.amax(2))
    place = places(step, low).expand(*low.shape[:2], -1, -1).gather(2, best)[:, :, 0]
    shape = (len(low), 1, *step.shape)
    return Lines(torch.ones_like(alone).view(shape), alone.view(shape), shift.view(shape), place)


def windows(step: Step, x: Tensor, border: float) -> Tensor:
    """Return what each window of a max pooling sees of x (N, C, H, W), (N, C, k², places), `border` outside."""
    assert step.pool is not None
    pool = step.pool
    kernel, stride, before, dilation = map(pairs, (pool.kernel_size, pool.stride, pool.padding, pool.dilation))
    border_of: list[int] = []
    for axis in (1, 0):
        reach = (step.shape[axis + 1] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
        border_of += [before[axis], reach - x.shape[axis + 2] - before[axis]]
    padded = pad(x, border_of, value=border).flatten(0, 1)[:, None]
    return unfold(padded, kernel, dilation, 0, stride).view(*x.shape[:2], kernel[0] * kernel[1], -1)


def places(step: Step, like: Tensor) -> Tensor:
    """Return the place in a channel of each entry of each window, (1, 1, k², places), -1 beyond the edges."""
    height, width = like.shape[2:]
    every = torch.arange(height * width, dtype=torch.float64, device=like.device).view(1, 1, height, width)
    return windows(step, every, -1.0).long()


def pairs(size: int | tuple[int, ...]) -> tuple[int, int]:
    """Return a layer's setting for rows and columns."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])
