"""A convolutional network behind a quantised input: a defence that masks gradients, kept to be seen through."""

from collections import OrderedDict
from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.core.knobs import Whole
from explorer.models import architecture
from explorer.models.cnn import cnn


class Quantise(nn.Module):
    """Rounds every value to the nearest of some levels, `step` apart; its gradient is zero almost everywhere."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        """Map values to multiples of the step."""
        return torch.round(x / self.step) * self.step


@architecture("Convolutional network behind a quantised input", paper="arXiv:1802.00420")
def quantised(
    shape: tuple[int, ...],
    classes: int,
    *,
    levels: Annotated[int, Whole(1, 64, "levels within one standard deviation of the pixels")] = 8,
    width: Annotated[int, Whole(1, 256, "channels of the first stage; each stage doubles them")] = 32,
    stages: Annotated[int, Whole(1, 5, "stages, each halving the picture's side")] = 2,
    hidden: Annotated[int, Whole(1, 4096, "units of the fully connected layer")] = 128,
) -> nn.Sequential:
    """Round the input to some levels, then a small convolutional network: (N, C, H, W) to logits.

    Not a defence: attacks that follow gradients find none and fail, so that it looks robust, and attacks
    that only ask for scores break it ("shattered gradients", Athalye et al. 2018, arXiv:1802.00420, sec. 4.1).
    Its inputs have zero mean and unit spread, as the normalisation before every network leaves them.
    """
    net = cnn(shape, classes, width=width, stages=stages, hidden=hidden)
    return nn.Sequential(OrderedDict(quantise=Quantise(1 / levels), **dict(net.named_children())))
