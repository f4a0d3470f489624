"""The pre-activation residual network."""

from typing import Annotated

from torch import Tensor, nn

from explorer.core.knobs import Whole
from explorer.models import architecture
from explorer.models._layers import Sum


class Block(nn.Module):
    """Two 3×3 convolutions, each after batch norm and ReLU, added to a shortcut (He et al. 2016, fig. 4e)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.relu1, self.relu2, self.sum = nn.ReLU(), nn.ReLU(), Sum()
        plain = stride == 1 and inputs == outputs
        self.shortcut = None if plain else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        out = self.relu1(self.norm1(x))
        skip = x if self.shortcut is None else self.shortcut(out)
        out = self.conv2(self.relu2(self.norm2(self.conv1(out))))
        return self.sum(out, skip)  # type: ignore[no-any-return]


@architecture("Pre-activation residual network", paper="arXiv:1603.05027")
def resnet(
    shape: tuple[int, ...],
    classes: int,
    *,
    width: Annotated[int, Whole(1, 256, "channels of the first stage; 64 is the usual ResNet")] = 32,
    depth: Annotated[int, Whole(1, 4, "blocks in each of the four stages; 2 gives ResNet-18")] = 1,
) -> nn.Sequential:
    """He et al. 2016: four stages of pre-activation blocks, each after the first halving the side.

    (N, C, H, W) to logits (N, classes). Each ReLU and each sum is a module of its own, as attribution methods need.
    """
    layers: list[nn.Module] = [nn.Conv2d(shape[0], width, 3, padding=1, bias=False)]
    channels = width
    for stage in range(4):
        for i in range(depth):
            out = width * 2**stage
            layers.append(Block(channels, out, 2 if stage and not i else 1))
            channels = out
    layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(channels, classes))
