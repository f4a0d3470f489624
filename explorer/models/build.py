"""A network from its card: normalisation first, then the architecture."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.knobs import fill
from explorer.models import ARCHITECTURES
from explorer.models._binary import BinaryConv2d, BinaryLinear
from explorer.models.graph import assemble

IMPORTED = "onnx"  # the architecture of a network that is a list of steps, `knobs["steps"]`


class Normalise(nn.Module):
    """(x - mean) / std per channel, so that every model takes plain pixels."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor, axes: int) -> None:
        super().__init__()
        shape = (1, -1, *[1] * axes)
        self.register_buffer("mean", mean.reshape(shape))
        self.register_buffer("std", std.reshape(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Map pixels in [0, 1] to zero mean and unit spread."""
        return (x - self.mean) / self.std


def build(
    name: str,
    shape: tuple[int, ...],
    classes: int,
    knobs: Mapping[str, Any],
    *,
    rng: torch.Generator | None = None,
    pixels: Tensor | None = None,
) -> nn.Sequential:
    """Return a network from pixels to logits: normalisation as "normalise", the rest as "net".

    rng : draws the initial weights; without it they are left for `load_state_dict`
    pixels : (N, C, ...) from which mean and spread per channel are taken; without it 0 and 1
    """
    mean, std = torch.zeros(shape[0]), torch.ones(shape[0])
    if pixels is not None:
        channels = pixels.transpose(0, 1).flatten(1)  # (C, N·H·W)
        mean, std = channels.mean(1), channels.std(1)
    net = _net(name, shape, classes, knobs)
    model = nn.Sequential(OrderedDict(normalise=Normalise(mean, std, len(shape) - 1), net=net))
    if rng is not None:
        initialise(model, rng)
    return model


def _net(name: str, shape: tuple[int, ...], classes: int, knobs: Mapping[str, Any]) -> nn.Module:
    if name == IMPORTED:
        return assemble(knobs["steps"])
    entry = ARCHITECTURES[name]
    net: nn.Module = entry.run(shape, classes, **fill(entry.knobs, knobs))
    return net


def initialise(model: nn.Module, rng: torch.Generator) -> None:
    """Draw weights after He et al. 2015 from `rng`, zero biases; signs and scores where weights are binary."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=rng)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, BinaryConv2d | BinaryLinear):
            module.draw(rng)
