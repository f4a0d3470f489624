"""Bands of the two-dimensional DCT: windows along its diagonal, from low to high frequencies."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor

from explorer.core.errors import UserError


@dataclass(frozen=True, eq=False, slots=True)
class Waves:
    """The orthonormal waves of B bands: (B, size, H) over the rows and (B, size, W) over the columns."""

    down: Tensor
    along: Tensor


def windows(side: int, size: int, count: int) -> Tensor:
    """Return where `count` windows of `size` x `size` frequencies begin, evenly from the lowest to the highest, (B,).

    Fewer where two would be the same. Raises `UserError` for windows that do not fit.
    """
    if not 1 <= size <= side or count < 1:
        raise UserError(f"{count} bands of {size} frequencies cannot be taken from {side}.")
    return torch.from_numpy(np.unique(np.linspace(0, side - size, count).round().astype(np.int64)))


def bases(x: Tensor, starts: Tensor, size: int) -> Waves:
    """Return the waves of the windows that begin at `starts` for pictures like x (N, C, H, W): DCT-II, orthonormal."""
    whole = [torch.from_numpy(dct(np.eye(n), axis=0, norm="ortho")).to(x) for n in x.shape[2:]]
    down, along = (torch.stack([waves[s : s + size] for s in starts.tolist()]) for waves in whole)
    return Waves(down, along)


def lift(a: Tensor, waves: Waves, bands: Tensor | int) -> Tensor:
    """Return the pictures (M, C, H, W) of coefficients (M, C, size, size), each in its band, (M,) or one for all."""
    down, along = waves.down[bands], waves.along[bands]
    if isinstance(bands, Tensor):
        down, along = down[:, None], along[:, None]
    return down.mT @ a @ along


def lower(x: Tensor, waves: Waves, bands: Tensor | int) -> Tensor:
    """Return the coefficients (M, C, size, size) of pictures (M, C, H, W) in their bands: the transpose of `lift`."""
    down, along = waves.down[bands], waves.along[bands]
    if isinstance(bands, Tensor):
        down, along = down[:, None], along[:, None]
    return down @ x @ along.mT
