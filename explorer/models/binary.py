"""A sparse binary network: weights of -1 and +1 that never learn, most of them left out."""

from collections import OrderedDict
from typing import Annotated

from torch import Tensor, nn

from explorer.core.knobs import Real, Switch, Whole
from explorer.models import architecture
from explorer.models._binary import BinaryConv2d, BinaryLinear, counts


@architecture("Sparse binary network", paper="arXiv:2202.01341")
def binary(
    shape: tuple[int, ...],
    classes: int,
    *,
    width: Annotated[int, Whole(1, 256, "channels of the first convolution; each further one doubles them")] = 16,
    stages: Annotated[int, Whole(1, 5, "convolutions, all but the first halving the picture's side")] = 3,
    keep: Annotated[float, Real(0.001, 1.0, "share of all weights that count")] = 0.1,
    p: Annotated[float, Real(0.0, 1.0, "1: the same share of each layer counts; 0: the same number")] = 0.1,
    last_norm: Annotated[bool, Switch("batch norm on the logits")] = True,
) -> nn.Sequential:
    """Liu et al. 2022: convolutions (3×3) and a linear layer of fixed signs; training learns which weights count.

    (N, C, H, W) to logits (N, classes). Batch norm after each layer has no weights of its own, so that nothing but the
    choice is learned; without the one on the logits training is unsteady. A small network of their kind: theirs are
    ResNets. Trained by any recipe: the optimiser's steps and its decay are the scores' own.
    """
    channels, height, wide = shape
    outs = [width * 2**i for i in range(stages)]
    for _ in outs[1:]:
        height, wide = (height + 1) // 2, (wide + 1) // 2
    ins = [channels, *outs[:-1]]
    features = outs[-1] * height * wide
    kept = counts([9 * a * b for a, b in zip(ins, outs, strict=True)] + [features * classes], keep, p)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for i, (a, b) in enumerate(zip(ins, outs, strict=True)):
        layers[f"conv{i}"] = BinaryConv2d(a, b, kept[i], stride=2 if i else 1)
        layers[f"norm{i}"] = nn.BatchNorm2d(b, affine=False)
        layers[f"relu{i}"] = nn.ReLU()
    layers["flatten"] = nn.Flatten()
    layers["logits"] = BinaryLinear(features, classes, kept[-1])
    if last_norm:
        layers["norm"] = nn.BatchNorm1d(classes, affine=False)
    return nn.Sequential(layers)


def masks(model: nn.Module) -> list[Tensor]:
    """Return which weights count, 0 or 1, of each layer of such a network; of any other network nothing."""
    return [layer.chosen() for layer in model.modules() if isinstance(layer, BinaryConv2d | BinaryLinear)]
