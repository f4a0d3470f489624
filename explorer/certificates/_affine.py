"""The affine layers that bounds know: each with its linear part, that part's absolute value, and its transpose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, fold, linear

from explorer.models import _layers as ours
from explorer.models.build import Normalise

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
SAME = (nn.Flatten, nn.Identity, nn.Dropout, ours.Reshape)  # the values in their order
PLAIN = (  # no weights, linear, and no value of theirs falls where one of the input rises
    *SAME, nn.AvgPool2d, nn.AdaptiveAvgPool2d, ours.Permute, ours.Mean, ours.Slice,
)  # fmt: skip
ROUNDING = 2.0**-21  # of a bound's terms, taken off for the rounding of its float32 sums: eight units of that
FEW = 8  # channels: oneDNN's transposed convolution is slow where it gives so few
MIXING = (nn.Linear, nn.Conv2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, ours.Mean)


@dataclass(frozen=True, eq=False, slots=True)
class Affine:
    """One affine layer, by what it does with a batch; it reads the layer's weights anew in every call.

    layer : the module, in eval mode
    inputs, outputs : the shapes of one picture before and behind it
    """

    layer: nn.Module
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def value(self, x: Tensor) -> Tensor:
        """Return the layer's value, (N, *inputs) to (N, *outputs)."""
        out: Tensor = self.layer(x)
        return out

    @property
    def mixes(self) -> bool:
        """Whether a value comes from several of its input: bounds one by one lose how these hang together."""
        return isinstance(self.layer, MIXING)

    @property
    def rises(self) -> bool:
        """Whether no value of it falls where one of its input rises: it maps bounds to bounds."""
        return isinstance(self.layer, (*PLAIN, ours.Pad))

    def shift(self, like: Tensor) -> Tensor:
        """Return its value at 0, (1, *outputs), on the device of `like`."""
        layer = self.layer
        if isinstance(layer, (nn.Linear, nn.Conv2d)) and layer.bias is not None:  # no gradient of zeros in its weights
            bias = layer.bias if isinstance(layer, nn.Linear) else layer.bias[:, None, None]
            return bias.expand(1, *self.outputs)
        return self.value(like.new_zeros(1, *self.inputs))

    def spread(self, radius: Tensor) -> Tensor:
        """Return how far the values reach each way where the inputs reach as far as `radius`, (N, *inputs), does.

        And for the rounding of the layer's own shift, `ROUNDING` of that further.
        """
        layer = self.layer
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            bias = None if layer.bias is None else layer.bias.abs() * ROUNDING
            if isinstance(layer, nn.Linear):
                return linear(radius, layer.weight.abs(), bias)
            return conv2d(radius, layer.weight.abs(), bias, **_window(layer))
        scale = scale_of(layer)
        if scale is None:
            return self.value(radius)
        return torch.add(radius * scale.abs(), self.shift(radius).abs(), alpha=ROUNDING)

    def back(self, rows: Tensor) -> Tensor:
        """Return rows · linear part, (M, *outputs) to (M, *inputs)."""
        layer = self.layer
        if isinstance(layer, nn.Linear):
            return rows @ layer.weight
        if isinstance(layer, nn.Conv2d):
            return transposed(rows, layer.weight, self.inputs[1:], **_window(layer))
        scale = scale_of(layer)
        if scale is not None:
            return rows * scale
        if isinstance(layer, SAME):
            return rows.reshape(len(rows), *self.inputs)
        differentiable = torch.is_grad_enabled()
        with torch.enable_grad():
            x = rows.new_zeros(len(rows), *self.inputs).requires_grad_(True)
            (found,) = torch.autograd.grad(self.value(x), x, rows, create_graph=differentiable)
        return found


def is_affine(layer: nn.Module) -> bool:
    """Return whether `Affine` knows the layer."""
    if isinstance(layer, nn.Conv2d):
        return layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    if isinstance(layer, NORMS):
        return layer.running_mean is not None
    if isinstance(layer, ours.Fixed):
        return layer.how is not torch.div or not layer.left
    if isinstance(layer, ours.Pad):
        return layer.value == 0
    return isinstance(layer, (nn.Linear, Normalise, *PLAIN))


def _window(layer: nn.Conv2d) -> dict[str, Any]:
    return {key: getattr(layer, key) for key in ("stride", "padding", "dilation", "groups")}


def transposed(
    rows: Tensor,
    weight: Tensor,
    size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    groups: int = 1,
) -> Tensor:
    """Return rows (M, C, H, W) · convolution, (M, C', *size): torch's transpose, or a quicker way to the same."""
    kernel = weight.shape[2:]
    if groups == 1 and weight.shape[1] < FEW and rows.device.type == "cpu":
        columns = torch.matmul(weight.flatten(1).T, rows.flatten(2))
        return fold(columns, tuple(size), tuple(kernel), tuple(dilation), tuple(padding), tuple(stride))
    left = [  # values at the end of an axis that no window reaches
        size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1 - (rows.shape[i + 2] - 1) * stride[i]
        for i in (0, 1)
    ]
    return conv_transpose2d(rows, weight, None, tuple(stride), tuple(padding), left, groups, tuple(dilation))


def scale_of(layer: nn.Module) -> Tensor | None:
    """Return what an elementwise layer multiplies by, for (N, *inputs); None where it only moves or averages values."""
    if isinstance(layer, Normalise):
        return 1 / layer.std
    if isinstance(layer, NORMS):
        assert layer.running_var is not None
        scale = (layer.running_var + layer.eps).rsqrt()
        scale = scale if layer.weight is None else scale * layer.weight
        return scale.view(1, -1, *[1] * (2 if isinstance(layer, nn.BatchNorm2d) else 0))
    if isinstance(layer, ours.Fixed):
        ways: dict[Callable[..., Tensor], Callable[[Tensor], Tensor]] = {
            torch.add: torch.ones_like,
            torch.sub: lambda c: -torch.ones_like(c) if layer.left else torch.ones_like(c),
            torch.mul: lambda c: c,
            torch.div: lambda c: 1 / c,
        }
        return ways[layer.how](layer.constant)
    return None
