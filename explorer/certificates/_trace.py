"""Bounds of inner steps by back-substitution, as many rows at a time as memory allows."""

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor

from explorer.certificates._back import Bounds, back, least
from explorer.certificates._patches import Window, patched, windows
from explorer.certificates._relax import Lines
from explorer.certificates.ball import Ball
from explorer.certificates.network import INPUT, Network
from explorer.core.device import in_batches
from explorer.core.errors import Unsuited

BYTES = 64 << 20  # of the largest tensor of rows, of which some ten live at once
MOST = 2_000_000_000  # numbers in all rows of a picture: some twenty seconds of a processor's core


def traced(net: Network, ball: Ball, index: int, lines: Mapping[int, Lines]) -> Bounds:
    """Return bounds of a step by back-substitution into the pixels, (N, *shape) each.

    By receptive fields where the step ends a chain of convolutions, else by full rows.

    lines : of each ReLU and maximum before the step
    """
    way = windows(net, index)
    if way is None:
        return _dense(net, ball, index, lines)
    count = net.steps[index].shape[0]
    pictures = max(1, _room(net, way) // count)
    channels = min(count, _room(net, way))

    def work(rows: slice) -> Bounds:
        part = {step: line[rows] for step, line in lines.items()}
        chunks = (range(first, min(first + channels, count)) for first in range(0, count, channels))
        return _joined([patched(net, ball[rows], way, chunk, part) for chunk in chunks], 1)

    return _joined(in_batches(len(ball.x), pictures, work), 0)


def refuse_costly(net: Network, traced_steps: Sequence[int]) -> None:
    """Raise `UserError` where rows of these steps would take a core longer than anyone waits."""
    count = sum(_numbers(net, index) for index in traced_steps)
    if count > MOST:
        raise Unsuited(
            f"Carrying every layer's bounds of this model back to the pixels takes {count / 1e9:.0f} billion numbers a "
            "picture, which is minutes: take CROWN-IBP (crown_ibp) or interval bounds (ibp), or a smaller model."
        )


def _numbers(net: Network, index: int) -> int:
    """Return how many numbers the rows of a step have on their way back."""
    way = windows(net, index)
    if way is None:
        return prod(net.steps[index].shape) * sum(prod(step.shape) for step in net.steps[: index + 1])
    return prod(net.steps[index].shape) * sum(_seen(net, way))


def _seen(net: Network, way: list[tuple[int, Window]]) -> list[int]:
    """Return how many values a window shows on each step of a way."""
    return [(net.shape if i == INPUT else net.steps[i].shape)[0] * prod(window.size) for i, window in way]


def _dense(net: Network, ball: Ball, index: int, lines: Mapping[int, Lines]) -> Bounds:
    step, found = net.steps[index], list[Bounds]()
    count = prod(step.shape)
    size = max(1, BYTES // (8 * widest(net, index) * len(ball.x)))
    for first in range(0, count, size):
        rows = _unit(range(first, min(first + size, count)), count, ball.x).view(1, -1, *step.shape)
        both = torch.cat([rows, -rows], 1)
        low, high = least(ball, *back(net, index, both, lines), {}, exact=False).chunk(2, 1)
        found.append((low, -high))
    low, high = _joined(found, 1)
    return low.view(-1, *step.shape), high.view(-1, *step.shape)


def widest(net: Network, index: int) -> int:
    """Return the largest number of values per picture among the pixels and the steps up to one."""
    return max(prod(net.shape), *(prod(step.shape) for step in net.steps[: index + 1]))


def _room(net: Network, way: list[tuple[int, Window]]) -> int:
    """Return how many channels' rows, over all pictures, fit in `BYTES`."""
    return max(1, BYTES // (8 * max(_seen(net, way)) * prod(way[0][1].count)))


def _joined(parts: list[Bounds], axis: int) -> Bounds:
    low, high = zip(*parts, strict=True)
    return torch.cat(low, axis), torch.cat(high, axis)


def _unit(chosen: range, count: int, like: Tensor) -> Tensor:
    rows = like.new_zeros(len(chosen), count)
    rows[range(len(chosen)), chosen] = 1
    return rows
