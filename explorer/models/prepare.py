"""The same network, faster: what an attack differentiates many times."""

import copy
from collections import Counter
from contextlib import suppress

import torch
from torch import nn
from torch.fx import GraphModule, symbolic_trace
from torch.fx.proxy import TraceError
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explorer.models._binary import BinaryConv2d, BinaryLinear
from explorer.models._quick import quicken


def prepare(model: nn.Module, *, fold: bool = True) -> nn.Module:
    """Return a frozen copy in eval mode: batch norm folded into convolutions, channels last, quicker layers on a CPU.

    Equal to `model` up to rounding. A network that torch.fx cannot trace is copied unfolded. Without `fold` every
    parameter and buffer of `model` is there by its name, for who puts other values there and then calls `refresh`.
    """
    frozen = copy.deepcopy(model)
    for name, layer in list(frozen.named_modules()) if fold else []:
        if isinstance(layer, BinaryConv2d | BinaryLinear):
            frozen.set_submodule(name, layer.plain())
    frozen = frozen.eval().requires_grad_(False)
    with suppress(TraceError, TypeError, RuntimeError):  # what code that asks for values says to a tracer
        frozen = symbolic_trace(frozen)
    if fold and isinstance(frozen, GraphModule):
        _fold(frozen)
    if all(p.device.type == "cpu" for p in frozen.parameters()):
        quicken(frozen)
    return frozen.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _fold(model: GraphModule) -> None:
    """Fold each batch norm into the convolution before it, where nothing else uses that one's output."""
    calls = Counter(node.target for node in model.graph.nodes if node.op == "call_module")
    layer = model.get_submodule
    for node in list(model.graph.nodes):
        if node.op != "call_module" or type(norm := layer(node.target)) is not nn.BatchNorm2d:
            continue
        (source,) = node.all_input_nodes
        alone = len(source.users) == 1 and calls[source.target] == 1 and norm.running_mean is not None
        if alone and type(conv := layer(source.target)) is nn.Conv2d:
            model.set_submodule(source.target, fuse_conv_bn_eval(conv, norm))
            node.replace_all_uses_with(source)
            model.graph.erase_node(node)
    model.delete_all_unused_submodules()
    model.recompile()
