"""A multilayer perceptron."""

from collections import OrderedDict
from math import prod
from typing import Annotated

from torch import nn

from explorer.core.knobs import Whole
from explorer.models import architecture


@architecture("Multilayer perceptron")
def mlp(
    shape: tuple[int, ...],
    classes: int,
    *,
    width: Annotated[int, Whole(1, 4096, "units in each hidden layer")] = 64,
    depth: Annotated[int, Whole(0, 8, "hidden layers")] = 2,
) -> nn.Sequential:
    """Fully connected layers with ReLU between them: (N, *shape) to logits (N, classes)."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    size = prod(shape)
    for i in range(depth):
        layers[f"hidden{i}"] = nn.Linear(size, width)
        layers[f"relu{i}"] = nn.ReLU()
        size = width
    layers["logits"] = nn.Linear(size, classes)
    return nn.Sequential(layers)
