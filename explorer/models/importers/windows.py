"""ONNX's operations with a sliding window: convolution and pooling."""

import math
from typing import Any

import torch
from torch.nn.functional import avg_pool1d, avg_pool2d

from explorer.core.errors import UserError
from explorer.models.graph import Draft, Value
from explorer.models.importers.operations import Node, operation
from explorer.models.importers.shapes import bordered

LOWEST = torch.finfo(torch.float32).min


@operation("Conv")
def conv(draft: Draft, node: Node) -> Value:
    """Convolve along one or two axes; an uneven border becomes a step of its own."""
    weight = node.tensor(1)  # (out, in / groups, kernel...)
    window = _Window(node, node.value(), tuple(weight.shape[2:]))
    value = node.value()
    if not window.even:
        value = bordered(draft, value, *window.border, 0.0)
    groups = node.attributes.get("group", 1)
    tensors, has_bias = {"weight": weight}, node.constant(2) is not None
    if has_bias:
        tensors["bias"] = node.tensor(2)
    return draft.add(
        f"conv{window.axes}d",
        value,
        tensors=tensors,
        in_channels=weight.shape[1] * groups,
        out_channels=weight.shape[0],
        kernel_size=window.kernel,
        stride=window.stride,
        padding=window.padding if window.even else 0,
        dilation=window.dilation,
        groups=groups,
        bias=has_bias,
    )


@operation("MaxPool")
def max_pool(draft: Draft, node: Node) -> Value:
    """Take the largest of each window; a border that torch does not take becomes a step of its own."""
    value = node.value()
    window = _Window(node, value)
    if not window.fits_pool:
        value = bordered(draft, value, *window.border, LOWEST)
    return draft.add(
        f"max_pool{window.axes}d",
        value,
        kernel_size=window.kernel,
        stride=window.stride,
        padding=window.padding if window.fits_pool else 0,
        dilation=window.dilation,
        ceil_mode=window.ceil,
    )


@operation("AveragePool")
def average_pool(draft: Draft, node: Node) -> Value:
    """Take the mean of each window, the border counted or not."""
    value = node.value()
    window = _Window(node, value)
    if set(window.dilation) != {1}:
        raise UserError("The file's AveragePool is dilated, which is not read here.")
    counted = bool(node.attributes.get("count_include_pad", 0))
    settings: dict[str, Any] = {"kernel_size": window.kernel, "stride": window.stride}
    if window.fits_pool:
        settings |= {"padding": window.padding, "ceil_mode": window.ceil, "count_include_pad": counted}
        return draft.add(f"avg_pool{window.axes}d", value, **settings)
    if window.ceil:
        raise UserError("The file's AveragePool has an uneven border and ceil_mode, which is not read here.")
    padded = bordered(draft, value, *window.border, 0.0)
    found = draft.add(f"avg_pool{window.axes}d", padded, **settings)
    if counted:
        return found
    border = [n for pair in zip(*(side[::-1] for side in window.border), strict=True) for n in pair]
    ones = torch.nn.functional.pad(torch.ones(1, 1, *value.shape[2:]), border)
    share = (avg_pool2d if window.axes == 2 else avg_pool1d)(ones, window.kernel, window.stride)
    return draft.add("fixed", found, tensors={"constant": share}, how="div", shape=list(share.shape))


class _Window:
    """Where a window goes: kernel, stride, dilation and border per axis, after ONNX's several ways to say it.

    border : (before, after), each per axis; padding : one of them where `even`
    """

    def __init__(self, node: Node, value: Value, kernel: tuple[int, ...] = ()) -> None:
        settings = node.attributes
        self.kernel = list(settings.get("kernel_shape", kernel))
        self.axes = len(self.kernel)
        if self.axes not in (1, 2) or len(value.shape) != self.axes + 2:
            raise UserError(f"The file's {node.kind} has windows along {self.axes} axes; 1 and 2 are read.")
        self.stride = list(settings.get("strides", [1] * self.axes))
        self.dilation = list(settings.get("dilations", [1] * self.axes))
        self.ceil = bool(settings.get("ceil_mode", 0))
        pads = list(settings.get("pads", [0] * 2 * self.axes))
        before, after = pads[: self.axes], pads[self.axes :]
        way = settings.get("auto_pad", "NOTSET")
        if way.startswith("SAME"):
            windows = zip(value.shape[2:], self.kernel, self.stride, self.dilation, strict=True)
            total = [max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in windows]
            less, more = [n // 2 for n in total], [n - n // 2 for n in total]
            before, after = (less, more) if way == "SAME_UPPER" else (more, less)
        elif way == "VALID":
            before = after = [0] * self.axes
        self.border, self.padding = (before, after), before
        self.even = before == after and min(before) >= 0
        self.fits_pool = self.even and all(2 * p <= k for p, k in zip(before, self.kernel, strict=True))
