"""Bounds of inner steps by back-substitution, as many rows at a time as memory allows."""

from collections.abc import Mapping
from math import prod

import torch
from torch import Tensor

from explorer.certificates._back import Bounds, back, least
from explorer.certificates._relax import Lines
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network

BYTES = 64 << 20  # of the largest tensor of rows: what a processor's cache half holds is quickest


def traced(net: Network, ball: Ball, index: int, lines: Mapping[int, Lines]) -> Bounds:
    """Return bounds of a step by back-substitution into the pixels, (N, *shape) each.

    lines : of each ReLU and maximum before the step
    """
    step = net.steps[index]
    count, lows, highs = prod(step.shape), list[Tensor](), list[Tensor]()
    size = at_once(net, index, len(ball.x))
    for first in range(0, count, size):
        rows = _unit(range(first, min(first + size, count)), count, ball.x).view(1, -1, *step.shape)
        lows.append(least(ball, *back(net, index, rows, lines), {}, exact=False))
        highs.append(-least(ball, *back(net, index, -rows, lines), {}, exact=False))
    return tuple(torch.cat(side, 1).view(-1, *step.shape) for side in (lows, highs))  # type: ignore[return-value]


def at_once(net: Network, index: int, pictures: int) -> int:
    """Return how many rows from a step back fit in `BYTES` for so many pictures, at least 1."""
    return max(1, BYTES // (4 * widest(net, index) * pictures))


def widest(net: Network, index: int) -> int:
    """Return the largest number of values per picture among the pixels and the steps up to one."""
    return max(prod(net.shape), *(prod(step.shape) for step in net.steps[: index + 1]))


def _unit(chosen: range, count: int, like: Tensor) -> Tensor:
    rows = like.new_zeros(len(chosen), count)
    rows[range(len(chosen)), chosen] = 1
    return rows
