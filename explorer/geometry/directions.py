"""Ways to leave a picture by: unit vectors in l2, several for each picture.

Each function returns (N, M, ...) for pictures (N, ...), a direction of length zero where there is none to take.
"""

import torch
from torch import Tensor, nn

from explorer.attacks._rows import slope
from explorer.core.device import generator, normal
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import steepest
from explorer.geometry._waves import bases, lift, lower


def towards(x: Tensor, others: Tensor) -> Tensor:
    """Return the ways to other points, (N, M, ...), such as what attacks made of the pictures."""
    return _unit(others - x[:, None])


def gradient(model: nn.Module, x: Tensor) -> Tensor:
    """Return the way down the margin of the class that the model gives each picture, (N, 1, ...)."""
    return _unit(-_rise(model, x)[:, None])


def random(x: Tensor, count: int, seeds: Tensor) -> Tensor:
    """Return directions drawn uniformly from the sphere, (N, count, ...), each picture's from a seed of its own.

    seeds : (N,) int64, so that a picture's directions do not depend on those beside it
    """
    drawn = [normal((count, *x.shape[1:]), generator(seed), x.device) for seed in seeds.tolist()]
    return _unit(torch.stack(drawn))


def class_means(x: Tensor, means: Tensor) -> Tensor:
    """Return the ways to the mean picture of each class, (N, K, ...), from means (K, ...)."""
    return towards(x, means[None].expand(len(x), *means.shape))


def single_pixels(model: nn.Module, x: Tensor, count: int) -> Tensor:
    """Return the `count` values whose change alone lowers the margin fastest, each the way it does, (N, count, ...).

    A value is one channel of a pixel. By the gradient at the picture; a value that has none gives no direction.
    """
    flat = -_rise(model, x).flatten(1)  # (N, d)
    index = flat.abs().topk(min(count, flat.shape[1]), dim=1).indices
    ways = torch.zeros((*index.shape, flat.shape[1]), device=x.device, dtype=x.dtype)
    ways.scatter_(2, index[..., None], flat.gather(1, index).sign()[..., None])
    return ways.view(len(x), -1, *x.shape[1:])


def bands(model: nn.Module, x: Tensor, starts: Tensor, size: int) -> Tensor:
    """Return the way down the margin within each band of the DCT, (N, B, ...): see `explorer.geometry.bands`.

    Raises `UserError` for points of the plane.
    """
    if x.ndim != 4:
        raise UserError("Bands of frequencies need pictures with rows and columns, and these are points.")
    rise, waves = -_rise(model, x), bases(x, starts, size)
    parts = [lift(lower(rise, waves, index), waves, index) for index in range(len(starts))]
    return _unit(torch.stack(parts, dim=1))


def _rise(model: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        labels = model(x).argmax(1)
    return slope(model, x, Goal(labels))[1]


def _unit(ways: Tensor) -> Tensor:
    """Return ways (N, M, ...) of length 1 each in l2, or of 0."""
    return steepest(ways.flatten(0, 1), "l2").view_as(ways)
