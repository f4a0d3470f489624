"""Back-substitution by receptive fields: a row of a convolution's value holds only the pixels that it sees.

Rows are (N or 1, L or 1, R, C, P, Q): for each of L places of the step that is bounded, R rows on windows P × Q of
another step; 1 where the rows are the same for all. The window of place (i, j) begins at (i, j) · stride - before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, unfold

from explorer.certificates._affine import scale_of, transposed
from explorer.certificates._back import Bounds
from explorer.certificates._relax import Lines, pairs, places
from explorer.certificates.ball import ROUNDING, Ball, slack
from explorer.certificates.network import INPUT, Network, Step
from explorer.core.norms import DUAL, ORDER

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """Where the windows of `count` places lie on a step's plane: (rows, columns) each."""

    count: Pair
    size: Pair = (1, 1)
    stride: Pair = (1, 1)
    before: Pair = (0, 0)

    def widened(self, kernel: Pair, stride: Pair, before: Pair, dilation: Pair) -> "Window":
        """Return the windows on the plane in front of a sliding layer."""
        size = [(p - 1) * s + d * (k - 1) + 1 for p, s, d, k in zip(self.size, stride, dilation, kernel, strict=True)]
        steps = [a * b for a, b in zip(self.stride, stride, strict=True)]
        edge = [a * s + b for a, s, b in zip(self.before, stride, before, strict=True)]
        return Window(self.count, (size[0], size[1]), (steps[0], steps[1]), (edge[0], edge[1]))

    def of(self, values: Tensor) -> Tensor:
        """Return what the windows show of values (N, C, H, W), 0 beyond the edges: (N, L, C·P·Q)."""
        border: list[int] = []
        for axis in (1, 0):
            reach = (self.count[axis] - 1) * self.stride[axis] + self.size[axis]
            border += [self.before[axis], reach - self.before[axis] - values.shape[axis + 2]]
        return unfold(pad(values, border), self.size, 1, 0, self.stride).transpose(1, 2).contiguous()


def windows(net: Network, index: int) -> list[tuple[int, Window]] | None:
    """Return the steps from one back to the pixels and the windows that it has on each, last those on the pixels.

    None where that is no chain of layers on planes, or a window is no smaller than its plane.
    """
    shape = net.steps[index].shape
    if len(shape) != 3 or len(net.shape) != 3:
        return None
    window, found = Window((shape[1], shape[2])), list[tuple[int, Window]]()
    while index != INPUT:
        step = net.steps[index]
        found.append((index, window))
        if len(step.sources) != 1 or not _slides(step):
            return None
        window, index = _before(step, window), step.sources[0]
        if prod(window.size) > prod((net.shape if index == INPUT else net.steps[index].shape)[1:]):
            return None
    return [*found, (INPUT, window)]


def _slides(step: Step) -> bool:
    if step.affine is None:
        return True
    layer = step.affine.layer
    if isinstance(layer, nn.AvgPool2d):  # all windows alike
        kernel, stride, before, _ = _layout(layer)
        left = [(side - k) % s for side, k, s in zip(step.affine.inputs[1:], kernel, stride, strict=True)]
        return layer.divisor_override is None and before == (0, 0) and not (layer.ceil_mode and any(left))
    return isinstance(layer, (nn.Conv2d, nn.Identity, nn.Dropout)) or scale_of(layer) is not None


def _before(step: Step, window: Window) -> Window:
    layer = step.pool if step.affine is None else step.affine.layer
    return window.widened(*_layout(layer)) if isinstance(layer, (nn.Conv2d, nn.AvgPool2d, nn.MaxPool2d)) else window


def _layout(layer: nn.Module) -> tuple[Pair, Pair, Pair, Pair]:
    kernel, stride, before = (pairs(getattr(layer, key)) for key in ("kernel_size", "stride", "padding"))
    return kernel, stride, before, pairs(getattr(layer, "dilation", 1))


def patched(
    net: Network, ball: Ball, way: list[tuple[int, Window]], channels: range, lines: Mapping[int, Lines]
) -> Bounds:
    """Return bounds of some channels of the step that the way begins at, (N, channels, H, W) each."""
    index, window = way[0]
    count = net.steps[index].shape[0]
    unit = ball.x.new_zeros(len(channels), count)
    unit[range(len(channels)), channels] = 1
    a = torch.cat([unit, -unit])[None, None, :, :, None, None]
    shift = a.new_zeros(1, 1, a.shape[2])
    within = True  # no row is on what lies beyond the edges
    for index, window in way[:-1]:
        step = net.steps[index]
        if step.affine is not None:
            shift = shift + _dot(a, window.of(step.affine.shift(a)))
            a, within = _through(step, window, a, within)
        else:
            line = lines[index]
            down = a.clamp_max(0)
            shift = shift + _dot(down, window.of(line.shift[:, 0]))
            low, high = (_like(window.of(side[:, 0]), a) for side in (line.low_slope, line.slope))
            a, within = torch.where(a > 0, low, high) * a, True
            if line.source is not None:
                a = _spread_out(step, window, a, line.source, net.steps[step.sources[0]].shape)
    least = _least(ball, way[-1][1], a, shift).transpose(1, 2)  # (N, R, L)
    low, high = least.unflatten(2, window.count).chunk(2, 1)
    return low, -high


def _least(ball: Ball, window: Window, a: Tensor, shift: Tensor) -> Tensor:
    """Return of windows what `_back.least` does of full rows, without `exact`."""
    low, high = ball.limits
    size = a.abs()
    middle = torch.lerp(low, high, 0.5)
    found = torch.sub(_dot(a, window.of(middle)), _dot(size, window.of(slack(middle, high))), alpha=1 + ROUNDING)
    if ball.norm != "linf":
        seen = a * _like(window.of(torch.ones_like(ball.x[:1])), a)  # nothing beyond the edges counts
        reach = torch.linalg.vector_norm(seen.flatten(3), ORDER[DUAL[ball.norm]], 3)
        centre = _dot(a, window.of(ball.x)) - _dot(size, window.of(slack(ball.x, ball.x)))
        found = torch.maximum(found, centre - ball.eps[:, None, None] * reach * (1 + ROUNDING))
    return found + shift - ROUNDING * shift.abs()


def _dot(a: Tensor, values: Tensor) -> Tensor:
    """Return rows · values (N, L, C·P·Q), (N, L, R)."""
    flat = a.flatten(3)
    if flat.shape[:2] == (1, 1):
        return values @ flat[0, 0].T
    return torch.matmul(flat, values[..., None])[..., 0]


def _like(values: Tensor, a: Tensor) -> Tensor:
    return values.view(*values.shape[:2], 1, *a.shape[3:])


def _through(step: Step, window: Window, a: Tensor, within: bool) -> tuple[Tensor, bool]:
    """Return the rows in front of an affine layer, and whether none is on what lies beyond the edges."""
    assert step.affine is not None
    layer = step.affine.layer
    scale = scale_of(layer)
    if scale is not None:
        plain = scale.ndim == 4 and scale.shape[2:] == (1, 1)
        a = a * (scale[:, None, None] if plain else _like(window.of(scale.expand(1, *step.shape)), a))
        return a, within or not plain
    if not isinstance(layer, (nn.Conv2d, nn.AvgPool2d)):
        return a, within
    if not within:  # they would come back into the plane
        a = a * window.of(a.new_ones(1, 1, *step.shape[1:])).view(1, -1, 1, 1, *window.size)
    kernel, stride, _, dilation = _layout(layer)
    if isinstance(layer, nn.Conv2d):
        weight, groups = layer.weight, layer.groups
    else:
        weight, groups = a.new_full((step.shape[0], 1, *kernel), 1 / prod(kernel)), step.shape[0]
    wide = window.widened(*_layout(layer)).size
    out = transposed(a.flatten(0, 2), weight, wide, stride, dilation=dilation, groups=groups)
    return out.view(*a.shape[:3], *out.shape[1:]), False


def _spread_out(step: Step, window: Window, a: Tensor, source: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return what falls on the entries that a maximum's lines are of."""
    assert step.pool is not None
    kernel, stride, _, dilation = _layout(step.pool)
    wide = window.widened(*_layout(step.pool)).size
    out = a.new_zeros(*a.shape[:4], *wide)
    every = places(step, a.new_empty(1, 1, *shape[1:]))  # (1, 1, k², places)
    for entry in range(prod(kernel)):
        chosen = (source == every[:, :, entry]).to(a.dtype).view(-1, *step.shape)
        begin = [dilation[0] * (entry // kernel[1]), dilation[1] * (entry % kernel[1])]
        rows, columns = (slice(b, b + (p - 1) * s + 1, s) for b, p, s in zip(begin, window.size, stride, strict=True))
        out[..., rows, columns] += a * _like(window.of(chosen), a)
    return out
