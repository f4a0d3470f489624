"""A small convolutional network."""

from collections import OrderedDict
from typing import Annotated

from torch import nn

from explorer.core.knobs import Choice, Switch, Whole
from explorer.models import architecture


@architecture("Small convolutional network")
def cnn(
    shape: tuple[int, ...],
    classes: int,
    *,
    width: Annotated[int, Whole(1, 256, "channels of the first stage; each stage doubles them")] = 32,
    stages: Annotated[int, Whole(1, 5, "stages, each halving the picture's side")] = 2,
    hidden: Annotated[int, Whole(1, 4096, "units of the fully connected layer")] = 128,
    down: Annotated[str, Choice(("stride", "average", "max"), "how a stage halves the side")] = "stride",
    batchnorm: Annotated[bool, Switch("batch norm after each convolution")] = False,
) -> nn.Sequential:
    """Stages of convolution (3×3), ReLU and halving, then two fully connected layers.

    (N, C, H, W) to logits (N, classes). With "stride" the stage's convolution itself steps by two.
    """
    channels, height, wide = shape
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for i in range(stages):
        out = width * 2**i
        stride = 2 if down == "stride" else 1
        layers[f"conv{i}"] = nn.Conv2d(channels, out, 3, stride, padding=1, bias=not batchnorm)
        if batchnorm:
            layers[f"norm{i}"] = nn.BatchNorm2d(out)
        layers[f"relu{i}"] = nn.ReLU()
        if down != "stride":
            layers[f"pool{i}"] = (nn.AvgPool2d if down == "average" else nn.MaxPool2d)(2, ceil_mode=True)
        channels, height, wide = out, (height + 1) // 2, (wide + 1) // 2
    layers["flatten"] = nn.Flatten()
    layers["hidden"] = nn.Linear(channels * height * wide, hidden)
    layers["relu"] = nn.ReLU()
    layers["logits"] = nn.Linear(hidden, classes)
    return nn.Sequential(layers)
