"""The few types that every room shares.

Conventions, stated once: images are (N, C, H, W) float32 in [0, 1] (points of the plane (N, 2));
eps has the same unit; labels are int64; models take pixels and return logits; results hold numpy.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

import torch
from torch import Tensor

from explorer.core.errors import UserError
from explorer.core.norms import Norm


@dataclass(frozen=True, slots=True)
class Threat:
    """What an attacker may do: move `x` by at most `eps` in `norm`, inside [0, 1]; in l0, so many pixels."""

    norm: Norm
    eps: float

    def __post_init__(self) -> None:
        if self.norm not in get_args(Norm):
            raise UserError(f"norm = {self.norm!r} is not one of {', '.join(get_args(Norm))}.")
        if not (math.isfinite(self.eps) and self.eps >= 0):
            raise UserError(f"eps = {self.eps!r} is not a finite number of at least 0.")


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """A split of a data set.

    x : (N, C, H, W) or (N, 2) float32 in [0, 1]
    y : (N,) int64
    masks : what is known per pixel, each (N, ., H, W); empty for most data sets
    """

    x: Tensor
    y: Tensor
    classes: tuple[str, ...]
    masks: Mapping[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.x.dtype != torch.float32 or self.y.dtype != torch.int64 or len(self.x) != len(self.y):
            raise ValueError("data must be float32 x with an int64 label each")

    def __len__(self) -> int:
        return len(self.y)

    def first(self, count: int) -> "Data":
        """Return the first pictures; all where there are no more."""
        masks = {name: mask[:count] for name, mask in self.masks.items()}
        return Data(self.x[:count], self.y[:count], self.classes, masks)
