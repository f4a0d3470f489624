"""Frozen layers equal to torch's, whose value and gradient in the input cost less on a CPU.

Their weights get no gradient.
"""

from collections import Counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.fx import GraphModule, Node
from torch.nn.functional import conv2d, fold, linear

PATCH = 9  # values, as of a grey 3×3; with more, torch's own gradient is the quicker


class PatchConv2d(nn.Module):
    """A convolution with few values to a patch, whose gradient is one matrix product, added up over the patches."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.window = {name: getattr(conv, name) for name in ("kernel_size", "dilation", "padding", "stride")}
        self.weight, self.bias = conv.weight, conv.bias
        self.back = nn.Parameter(conv.weight.flatten(1).t()[:, :, None, None])  # (C·k·k, out, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, out, H', W')."""
        out: Tensor = _Patches.apply(x, self)  # type: ignore[no-untyped-call]
        return out


class _Patches(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: PatchConv2d) -> Tensor:
        ctx.layer, ctx.size = layer, x.shape[2:]
        window = {name: value for name, value in layer.window.items() if name != "kernel_size"}
        return conv2d(x, layer.weight, layer.bias, **window)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        patches = conv2d(gradient, ctx.layer.back)  # (N, C·k·k, H', W')
        return fold(patches.flatten(2), ctx.size, **ctx.layer.window), None


class FlatLinear(nn.Module):
    """Flattening and a linear layer: a channels-last picture, and its gradient, stay as they lie in memory."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.shape, self.ordered = torch.Size(), torch.empty(0)  # the last picture's, and the weight for such

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, ...) to (N, out)."""
        if x.ndim != 4 or x.is_contiguous():
            return linear(x.flatten(1), self.weight, self.bias)
        if self.shape != x.shape[1:]:
            self.shape = x.shape[1:]
            self.ordered = self.weight.view(-1, *self.shape).permute(0, 2, 3, 1).flatten(1)  # (out, H·W·C)
        return linear(x.permute(0, 2, 3, 1).flatten(1), self.ordered, self.bias)


UNREAD = {nn.Conv2d, PatchConv2d, nn.BatchNorm2d, nn.Linear, FlatLinear}  # whose gradient needs no output


def quicken(model: nn.Module) -> None:
    """Replace, in place, each layer that has a quicker equal."""
    for name, layer in list(model.named_modules()):
        if type(layer) is nn.Conv2d and _suits(layer):  # a subclass may compute something else
            model.set_submodule(name, PatchConv2d(layer))
    if isinstance(model, GraphModule):
        _join(model)
        _overwrite(model)


def refresh(model: nn.Module) -> None:
    """Let the layers know that the weights have changed in place: some keep these in another order as well."""
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, PatchConv2d):
                layer.back.copy_(layer.weight.flatten(1).t()[:, :, None, None])
            elif isinstance(layer, FlatLinear):
                layer.shape = torch.Size()


def _join(model: GraphModule) -> None:
    """Let each linear layer after a flattening flatten by itself."""
    for node, layer in _called_once(model):
        if type(layer) is nn.Linear and _is_flattening(model, source := node.all_input_nodes[0]):
            model.set_submodule(str(node.target), FlatLinear(layer))
            node.replace_input_with(source, source.all_input_nodes[0])
    model.graph.eliminate_dead_code()
    model.recompile()


def _overwrite(model: GraphModule) -> None:
    """Let each ReLU write over its input, where nothing else reads that."""
    for node, layer in _called_once(model):
        if type(layer) is nn.ReLU and len((source := node.all_input_nodes[0]).users) == 1:
            layer.inplace = source.op == "call_module" and type(model.get_submodule(str(source.target))) in UNREAD


def _called_once(model: GraphModule) -> list[tuple[Node, nn.Module]]:
    """Return the layers that the model calls once, each with its call."""
    calls = [node for node in model.graph.nodes if node.op == "call_module"]
    often = Counter(node.target for node in calls)
    return [(node, model.get_submodule(node.target)) for node in calls if often[node.target] == 1]


def _is_flattening(model: GraphModule, node: Node) -> bool:
    layer = model.get_submodule(str(node.target)) if node.op == "call_module" else None
    return type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1)


def _suits(conv: nn.Conv2d) -> bool:
    plain = conv.groups == 1 and conv.padding_mode == "zeros" and not isinstance(conv.padding, str)
    return plain and conv.weight[0].numel() <= PATCH
