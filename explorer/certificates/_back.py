"""Back-substitution: from rows on a step's values to affine lower bounds in earlier ones, in the end in the pixels."""

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.certificates._relax import Lines
from explorer.certificates.ball import ROUNDING, Ball, dot, least_between
from explorer.certificates.network import INPUT, Network

Bounds = tuple[Tensor, Tensor]  # the least and the largest value, (N, *shape) each


def back(net: Network, start: int, rows: Tensor, lines: Mapping[int, Lines]) -> tuple[dict[int, Tensor], Tensor]:
    """Return rows and a shift such that sum(rows_s · values of step s) + shift is below rows · values of `start`.

    rows : (N, R, *shape of the step), or (1, R, ...) the same for all pictures
    lines : of ReLUs and maxima, by step; one without ends the way back and is among what is returned, as is `INPUT`

    Zhang et al. 2018 (arXiv:1811.00866), theorem 3.2, for lower bounds; upper ones are those of -rows.
    """
    held, ends = {start: rows}, dict[int, Tensor]()
    shift = rows.new_zeros(rows.shape[:2])
    for index in range(start, INPUT, -1):
        if index not in held:
            continue
        a, step = held.pop(index), net.steps[index]
        if step.affine is not None:
            shift = shift + dot(a, step.affine.shift(a))
            a = step.affine.back(a.flatten(0, 1)).view(*a.shape[:2], *step.affine.inputs)
        elif step.kind in ("relu", "maximum"):
            if index not in lines:
                ends[index] = a
                continue
            line = lines[index]
            shift = shift + dot(a.clamp_max(0), line.shift[:, 0])
            a = torch.where(a > 0, line.low_slope, line.slope) * a
            if line.source is not None:
                a = _spread_out(a, line.source, net.steps[step.sources[0]].shape)
        for source in step.sources:
            held[source] = held[source] + a if source in held else a
    return ends | held, shift


def _spread_out(a: Tensor, source: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return what falls on the entries that a maximum's lines are of, (N, R, *shape)."""
    flat = a.flatten(3)  # (N, R, C, places)
    empty = a.new_zeros(*flat.shape[:3], shape[1] * shape[2])
    return empty.scatter_add(3, source[:, None].expand_as(flat), flat).view(*a.shape[:2], *shape)


def least(ball: Ball, rows: Mapping[int, Tensor], shift: Tensor, bounds: Mapping[int, Bounds], exact: bool) -> Tensor:
    """Return the minimum of what `back` returned over the ball and over bounds of the steps, (N, R), rounded down."""
    found = shift - ROUNDING * shift.abs()
    for index, a in rows.items():
        found = found + (ball.least(a, exact) if index == INPUT else least_between(a, *bounds[index]))
    return found


def differences(labels: Tensor, classes: int, like: Tensor) -> Tensor:
    """Return the rows of the margins logits[label] - logits[k], (N, K, K); that of the label itself is 0."""
    eye = torch.eye(classes, device=like.device, dtype=like.dtype)
    return eye[labels][:, None] - eye[None]


def endless(found: Tensor, labels: Tensor) -> Tensor:
    """Return margins (N, K) with the label's own, which is 0 by its rows, made infinite."""
    return found.scatter(1, labels[:, None], float("inf"))
