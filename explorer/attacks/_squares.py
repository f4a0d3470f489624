"""What Square Attack tries: changes in a square window of the picture, at the limit of the budget."""

import math

import torch
from torch import Generator, Tensor

from explorer.attacks._walls import into_l1
from explorer.core.device import uniform
from explorer.core.norms import ORDER, Norm, length

HALVED = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # the queries after which windows have half the area
FALL = {"l2": 2, "l1": 4}  # how fast a bump falls off
TILES = 5  # to a side, at the start in l2 and l1


def side_of(query: float, area: float, shape: torch.Size, norm: Norm) -> int:
    """Return the side of the window that a query changes; in l2 and l1 odd, where the picture holds it.

    area : the share of the picture that the first windows cover
    """
    share = area / 2 ** sum(query > after for after in HALVED)
    side = max(round(math.sqrt(share * math.prod(shape[-2:]))), 1)
    return min(side if norm == "linf" else max(side, 3) | 1, shape[-2], shape[-1])


def start(x: Tensor, norm: Norm, eps: float, rng: Generator) -> Tensor:
    """Return the first try: stripes down the picture in linf, in l2 and l1 tiles of bumps."""
    n, channels, height, width = x.shape
    if norm == "linf":
        return (x + eps * _signs((n, channels, 1, width), x, rng)).clamp(0, 1)
    side = max(min(height, width) // TILES, 1)
    down, across = height // side, width // side
    turned = uniform((down, across), rng, x.device) < 0.5
    bump = _bump(side, norm, x)
    tiles = torch.where(turned.view(down, 1, across, 1), bump.T[:, None], bump[:, None])  # (down, side, across, side)
    signs = _signs((n, channels, down, 1, across, 1), x, rng)
    delta = torch.zeros_like(x)
    top, left = (height - down * side) // 2, (width - across * side) // 2
    covered = (signs * tiles).reshape(n, channels, down * side, across * side)
    delta[:, :, top : top + down * side, left : left + across * side] = covered
    return _within(x, delta, norm, eps)


def change(x: Tensor, x_t: Tensor, side: int, norm: Norm, eps: float, rng: Generator) -> Tensor:
    """Return the next try from `x_t`: the same window for all pictures, its values by lot for each."""
    n, channels = x.shape[:2]
    here = _window(x, side, rng)
    signs = _signs((n, channels, 1, 1), x, rng)
    if norm == "linf":
        x_t = x_t.clone()
        x_t[here] = (x[here] + eps * signs).clamp(0, 1)
        return x_t
    p = ORDER[norm]
    delta = x_t - x
    rest = delta.clone()
    rest[here] = rest[_window(x, side, rng)] = 0  # the budget of a second window moves to the first
    bump = _bump(side, norm, x)
    new = signs * (bump.T if uniform((1,), rng, x.device) < 0.5 else bump) + _unit(delta[here], norm)
    whole = _sizes(delta, norm) ** p  # (n, channels, 1, 1)
    spare = (eps**p - whole.sum(1, keepdim=True)).clamp_min(0) / channels
    height = (spare + (whole - _sizes(rest, norm) ** p).clamp_min(0)) ** (1 / p)
    rest[here] = _unit(new, norm) * (height * channels if norm == "l1" else height)
    return _within(x, rest, norm, eps)


def _window(x: Tensor, side: int, rng: Generator) -> tuple[slice, slice, slice, slice]:
    """Return where a window lies, drawn by lot, as an index into pictures."""
    lots = uniform((2,), rng, torch.device("cpu")).tolist()
    top, left = (int(lot * (size - side + 1)) for lot, size in zip(lots, x.shape[-2:], strict=True))
    return slice(None), slice(None), slice(top, top + side), slice(left, left + side)


def _signs(shape: tuple[int, ...], like: Tensor, rng: Generator) -> Tensor:
    return (uniform(shape, rng, like.device) < 0.5).to(like.dtype).mul_(2).sub_(1)


def _bump(side: int, norm: Norm, like: Tensor) -> Tensor:
    """Return two bumps of opposite signs, one above the other, (side, side), of length 1 (the paper's eta)."""
    upper = side // 2
    both = torch.cat([_hill(upper, side, norm, like), -_hill(side - upper, side, norm, like)])
    return _unit(both[None, None], norm)[0, 0]


def _hill(height: int, width: int, norm: Norm, like: Tensor) -> Tensor:
    """Return a bump of length 1 around the middle: at distance r the sum of 1 / (k + 1)^fall over k >= r."""
    down, across = (torch.arange(size, device=like.device) - size // 2 for size in (height, width))
    away = down.abs()[:, None].maximum(across.abs())
    steps = torch.arange(max(height, width) // 2 + 1, device=like.device, dtype=like.dtype) + 1
    bump = (steps ** -FALL[norm]).flip(0).cumsum(0).flip(0)[away]
    return _unit(bump[None, None], norm)[0, 0]


def _sizes(delta: Tensor, norm: Norm) -> Tensor:
    """Return the length of each channel, (..., 1, 1)."""
    size: Tensor = torch.linalg.vector_norm(delta, ord=ORDER[norm], dim=(-2, -1), keepdim=True)
    return size


def _unit(delta: Tensor, norm: Norm) -> Tensor:
    return delta / _sizes(delta, norm).clamp_min(1e-12)


def _within(x: Tensor, delta: Tensor, norm: Norm, eps: float) -> Tensor:
    """Return the picture with the change as long as the budget, or in l1 the nearest one in ball and box."""
    if norm == "l1":
        return (x + into_l1(x, delta, eps)).clamp(0, 1)
    return (x + delta * (eps / length(delta, norm).clamp_min(1e-12)).view(-1, 1, 1, 1)).clamp(0, 1)
