"""Layers equal to torch's, whose gradient in the input costs less on a CPU."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, unfold

PATCH = 9  # values, as of a grey 3×3; with more, torch's own convolution is the quicker


class PatchConv2d(nn.Module):
    """A convolution with few values to a patch, as one matrix product."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.window = {name: getattr(conv, name) for name in ("kernel_size", "dilation", "padding", "stride")}
        self.weight = nn.Parameter(conv.weight.flatten(1))  # (out, C·k·k)
        self.bias = conv.bias

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, out, H', W'), channels last."""
        patches = unfold(x, **self.window).transpose(1, 2)  # (N, H'·W', C·k·k)
        (kernel, _), (dilation, _), (padding, _), (stride, _) = self.window.values()
        height = (x.shape[2] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        out = linear(patches, self.weight, self.bias)
        return out.view(len(x), height, -1, len(self.weight)).permute(0, 3, 1, 2)


class Flatten(nn.Module):
    """Flattening whose gradient has its input's memory order: ReLU's backward is slow across two orders."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, ...) to (N, d)."""
        if x.requires_grad and x.ndim == 4 and not x.is_contiguous():
            x.register_hook(_channels_last)  # type: ignore[no-untyped-call]
        return x.flatten(1)


def _channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)


def quicken(model: nn.Module) -> None:
    """Replace, in place, each layer that has a quicker equal."""
    for name, layer in list(model.named_modules()):
        if type(layer) is nn.Conv2d and _suits(layer):  # a subclass may compute something else
            model.set_submodule(name, PatchConv2d(layer))
        elif type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1):
            model.set_submodule(name, Flatten())


def _suits(conv: nn.Conv2d) -> bool:
    plain = conv.groups == 1 and conv.padding_mode == "zeros" and not isinstance(conv.padding, str)
    return plain and conv.weight[0].numel() <= PATCH
