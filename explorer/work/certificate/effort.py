"""How much work a certificate is on a network, before it is asked."""

import math

from torch import nn

from explorer.certificates.network import INPUT, Network, read
from explorer.core.errors import UserError
from explorer.core.words import amount

BOXES = 2e9  # multiplications of one back-substitution, where it is done hundreds of times, with gradients
FULL = ("fast_lin", "crown", "envelope", "alpha_crown", "exact")  # a row for every unit, carried back to the pixels
MOST = {1: 1.5e11, 2: 4e9}  # multiplications of one back-substitution, of one picture alone and of one of many


def too_large(name: str, model: nn.Module, shape: tuple[int, ...], count: int = 1) -> str:
    """Return in a sentence why a certificate is not asked of a network for so many pictures, or "".

    "" for a network that no bound knows: the certificate itself says why.
    """
    if name not in FULL:
        return ""
    try:
        net = read(model, shape)
    except UserError:
        return ""
    work = back_substitution(net)
    if work <= MOST[min(count, 2)]:
        return ""
    rows = sum(math.prod(net.steps[index].shape) for index in net.inner)
    many = ", for each of many pictures; for one alone the view of one picture does" if work <= MOST[1] else ""
    return f"Not asked: it would carry {amount(rows, 'row')} back through the layers, again and again{many}."


def no_boxes(model: nn.Module, shape: tuple[int, ...]) -> str:
    """Return in a sentence why no boxes are looked for on a network, or ""."""
    try:
        work = back_substitution(read(model, shape))
    except UserError as error:
        return str(error)
    if work <= BOXES:
        return ""
    return "Not asked: a box takes hundreds of steps through all layers, and this network is too large for that."


def back_substitution(net: Network) -> float:
    """Return about how many multiplications it takes to carry each unit's row back to the pixels of one picture."""
    before: dict[int, float] = {INPUT: 0.0}
    whole = 0.0
    for index, step in enumerate(net.steps):
        own = 0.0 if step.affine is None else _multiplications(step.affine.layer, step.shape)
        before[index] = own + max(before[source] for source in step.sources)
        if index in net.inner and before[index] > own:  # behind the first layer an interval is as good
            whole += math.prod(step.shape) * before[index]
    return whole


def _multiplications(layer: nn.Module, shape: tuple[int, ...]) -> float:
    weight = getattr(layer, "weight", None)
    if weight is None or weight.ndim < 2:
        return float(math.prod(shape))
    return float(weight[0].numel() * math.prod(shape))
