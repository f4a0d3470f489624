"""Small layers that torch has as functions only, so that an imported network is a list of layers."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

ARITHMETIC: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
}
TINY = torch.finfo(torch.float32).tiny


class Sum(nn.Module):
    """The sum of two values: a module of its own, as attribution methods have rules for modules."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Broadcast as torch does."""
        return a + b


class Both(nn.Module):
    """The sum, difference, product or quotient of two values."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = ARITHMETIC[how]

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Broadcast as torch does."""
        return self.how(a, b)


class Fixed(nn.Module):
    """The sum, difference, product or quotient of a value and a constant; `left`: the constant comes first."""

    constant: Tensor

    def __init__(self, how: str, shape: Sequence[int], left: bool = False) -> None:
        super().__init__()
        self.how, self.left = ARITHMETIC[how], left
        self.register_buffer("constant", torch.zeros(tuple(shape)))

    def forward(self, x: Tensor) -> Tensor:
        """Broadcast as torch does."""
        return self.how(self.constant, x) if self.left else self.how(x, self.constant)


class Reshape(nn.Module):
    """Another shape per picture: (N, ...) to (N, *shape)."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the values in their order."""
        return x.reshape(-1, *self.shape)


class Permute(nn.Module):
    """Other order of the axes; the first stays."""

    def __init__(self, order: Sequence[int]) -> None:
        super().__init__()
        self.order = tuple(order)

    def forward(self, x: Tensor) -> Tensor:
        """Return the axes in `order`."""
        return x.permute(self.order)


class Mean(nn.Module):
    """The mean over some axes."""

    def __init__(self, axes: Sequence[int], keep: bool) -> None:
        super().__init__()
        self.axes, self.keep = tuple(axes), keep

    def forward(self, x: Tensor) -> Tensor:
        """Leave the axes out, or keep them with length 1."""
        return x.mean(self.axes, self.keep)


class Clip(nn.Module):
    """Values moved into an interval; None leaves a side open."""

    def __init__(self, low: float | None, high: float | None) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        return x.clamp(self.low, self.high)


class HardSigmoid(nn.Module):
    """slope · x + shift, cut to [0, 1]; torch's own knows one slope only."""

    def __init__(self, slope: float, shift: float) -> None:
        super().__init__()
        self.slope, self.shift = slope, shift

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        return (x * self.slope + self.shift).clamp(0, 1)


class Pad(nn.Module):
    """A border of one value: (before, after) per axis from the last one on, as torch counts; below 0 it cuts."""

    def __init__(self, border: Sequence[int], value: float) -> None:
        super().__init__()
        self.border, self.value = tuple(border), value

    def forward(self, x: Tensor) -> Tensor:
        """Widen the axes."""
        return nn.functional.pad(x, self.border, value=self.value)


class Slice(nn.Module):
    """Part of each axis: (start, stop, step) per axis."""

    def __init__(self, ranges: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.ranges = tuple(slice(*bounds) for bounds in ranges)

    def forward(self, x: Tensor) -> Tensor:
        """Cut every axis but the first, which is the pictures'."""
        return x[(slice(None), *self.ranges)]


class Concat(nn.Module):
    """Values joined along one axis."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, *values: Tensor) -> Tensor:
        """Keep all other axes."""
        return torch.cat(values, self.axis)


class Log(nn.Module):
    """The logarithm of probabilities; those below the smallest normal float32 count as that, with no gradient."""

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        return x.clamp_min(TINY).log()
