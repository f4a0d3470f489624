"""DeepLIFT."""

from typing import Annotated

import torch
from captum.attr import DeepLift
from torch import Generator, Tensor, nn

from explorer.attribution import Attributed, method
from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution._layers import MOVES, SUMS, listen, refuse_strangers
from explorer.attribution._score import Score
from explorer.models import _layers as ours
from explorer.models.build import Normalise

POOLS = {nn.MaxPool1d, nn.MaxPool2d}
RESCALED = {nn.ReLU, nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus} | POOLS
LINEAR = {
    *(nn.Conv1d, nn.Conv2d, nn.Linear, nn.BatchNorm1d, nn.BatchNorm2d, nn.Flatten, nn.Identity, nn.Dropout),
    *(nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, Normalise),
    *(ours.Reshape, ours.Permute, ours.Mean, ours.Pad, ours.Slice, ours.Concat, ours.Sum),
}


@method("DeepLIFT", signed=True, paper="arXiv:1704.02685", needs=("logits",), sums=True)
def deeplift(score: Score, x: Tensor, *, baseline: Annotated[str, CHOICE] = "black", rng: Generator) -> Attributed:
    """Pass differences from a baseline back through the layers: each nonlinearity's slope is Δoutput / Δinput.

    The rescale rule. A map sums to F(x) - F(x'), exactly but for rounding.

    References
    ----------
    Shrikumar et al. 2017, arXiv:1704.02685, sec. 3.5.2; Ancona et al. 2018, arXiv:1711.06104.
    """
    heard = listen(score.model, x)
    refuse_strangers("DeepLIFT", heard, RESCALED | LINEAR, MOVES | SUMS)
    empty = baseline_of(baseline, x, rng)
    score.expect(4)
    bent = [layer for layer in heard.layers if type(layer) in RESCALED]
    pooled = any(type(layer) in POOLS for layer in bent)
    size = 1 if pooled else max(1, score.limit // 2)  # Captum's pooling mixes a batch; a baseline passes beside each
    rows = [slice(i, i + size) for i in range(0, len(x), size)]
    # Captum hangs two rules on one tensor where a layer bends another's output, and the first misses the second.
    copies = [layer.register_forward_pre_hook(_copied) for layer in bent]
    try:
        parts = [
            DeepLift(score).attribute(x[i], empty[i], additional_forward_args=tuple(labels[i] for labels in score.args))
            for i in rows
        ]
    finally:
        for hook in copies:
            hook.remove()
    return torch.cat(parts), score.at(x) - score.at(empty)


def _copied(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
    return inputs[0].clone()
