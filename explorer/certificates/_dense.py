"""Layers as matrices, in float64, for what is proved by programmes of small networks."""

from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from explorer.certificates._affine import Affine
from explorer.certificates.network import Network
from explorer.core.errors import UserError
from explorer.core.results import Array


def dense(affine: Affine, like: Tensor) -> tuple[Array, Array]:
    """Return a layer's linear part (outputs, inputs) and its value at 0 (outputs,), float64.

    like : a tensor of the device where the weights are
    """
    with torch.no_grad():
        eye = torch.eye(prod(affine.outputs), device=like.device).view(-1, *affine.outputs)
        rows, shift = affine.back(eye).flatten(1), affine.shift(eye).flatten()
    return rows.detach().double().cpu().numpy(), shift.detach().double().cpu().numpy()


@dataclass(frozen=True, eq=False, slots=True)
class Shallow:
    """A network of one hidden layer: logits = outer · relu(inner · x + shift) + last.

    inner : (n, d); shift : (n,); outer : (K, n); last : (K,)
    """

    inner: Array
    shift: Array
    outer: Array
    last: Array


def shallow(net: Network, like: Tensor) -> Shallow:
    """Return the matrices of a network of one hidden layer; of any other, raise `UserError`."""
    kinds = [step.kind for step in net.steps]
    chained = all(step.sources == (i - 1,) for i, step in enumerate(net.steps))
    if not chained or kinds.count("relu") != 1 or {*kinds} != {"affine", "relu"}:
        count = len(kinds) - kinds.count("affine") - kinds.count("sum")
        raise UserError(
            f"This certificate is for networks of one hidden layer with ReLUs, and this model has {count} layers "
            "that are not linear: choose another model or another certificate."
        )
    at = kinds.index("relu")
    return Shallow(*_joined(net, slice(at), like), *_joined(net, slice(at + 1, None), like))


def _joined(net: Network, part: slice, like: Tensor) -> tuple[Array, Array]:
    """Return several affine steps, one after the other, as one."""
    weight, shift = np.eye(1), np.zeros(1)
    for i, step in enumerate(net.steps[part]):
        assert step.affine is not None
        own, own_shift = dense(step.affine, like)
        weight, shift = (own @ weight, own @ shift + own_shift) if i else (own, own_shift)
    return weight, shift
