"""The points of a surface's grid, coarse ones first, and what lies between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RBFInterpolator

from explorer.core.errors import UserError
from explorer.core.results import Array

FIRST = 11  # points each way that a first picture has, where the grid can be halved to that


def grid(side: int, reach: float = 1.0) -> Array:
    """Return the points (side², 2) of a square grid from -reach to reach, row by row: a changes first, b from below."""
    ticks = np.linspace(-reach, reach, side)
    b, a = np.meshgrid(ticks, ticks, indexing="ij")
    return np.stack([a.ravel(), b.ravel()], axis=1)


def steps(side: int) -> list[int]:
    """Return every how many points each look at a grid has, the first one coarse and the last one 1.

    All divide side - 1, so that each look's points are points of the whole grid and none is computed in vain: 51
    points each way are seen as 11, 26 and 51, 101 as 11, 21, 51 and 101, 41 as 11, 21 and 41. A look need not hold the
    points of the one before (26 holds few of 11): the whole holds them.

    Raises `UserError` for a grid of less than two points.
    """
    if side < 2:
        raise UserError(f"A grid of {side} points has nothing between them: choose two or more.")
    parts = [d for d in range(1, side) if (side - 1) % d == 0]
    found = [max((d for d in parts if (side - 1) // d + 1 >= FIRST), default=1)]
    while found[-1] > 1:
        found.append(max(d for d in parts if 2 * d <= found[-1]))
    return found


def looks(side: int, every: Sequence[int] = ()) -> list[Array]:
    """Return the places in `grid` (side²) that each look adds, (K,) int64 each: together every place once.

    every : the looks, each every how many points, by default `steps`; the last is 1, and all divide side - 1
    """
    seen, added = np.zeros(side * side, bool), []
    for step in every or steps(side):
        here = mesh(side, step)
        added.append(here[~seen[here]])
        seen[here] = True
    return added


def mesh(side: int, step: int) -> Array:
    """Return the places in `grid` (side²) of every `step`-th point each way, (K,) int64, row by row."""
    row, column = np.divmod(np.arange(side * side), side)
    return np.flatnonzero((row % step == 0) & (column % step == 0))


@dataclass(frozen=True, eq=False, slots=True)
class Between:
    """A surface of which every second point each way was computed, and what was expected of the others.

    loss : (side, side) float64; computed : (side, side) bool, as measured; elsewhere a spline of the log loss
    error : (K,) float64, by how much the log loss is off at points that a spline through the others did not see
    """

    loss: Array
    computed: Array
    error: Array

    @property
    def worst(self) -> float:
        """The largest error of the log loss that was met: about the share by which the loss is off."""
        return float(self.error.max())


def between(side: int, places: Array, loss: Array, *, step: int = 2) -> Between:
    """Return the whole grid from what is known of it: every `step`-th point each way, and others to check them by.

    Between the points the log loss is a polyharmonic spline (of r^5: a sum of such around every point that is known,
    and a polynomial of degree 2). The points that are known beside the coarser grid are first held out, and their
    difference to a spline of that grid alone is the error. So the first look of 11 × 11 points tells how well every
    second one of 51 × 51 serves; what is shown goes through all, and is the better for it. The accuracy is a staircase
    and not to be interpolated.

    places : (M,) int64, in `grid`; loss : (M,), the positive losses there

    Raises `UserError` where the coarser grid is not known whole or too small for a spline, no point is held out (an
    error that was not measured is not 0), or a loss is not positive and finite.
    """
    if (side - 1) % step or (side - 1) // step < 3:
        raise UserError(f"Every {step}th of {side} points is no grid to interpolate on.")
    whole = np.full(side * side, np.nan)
    whole[places] = loss
    if not (loss > 0).all() or not np.isfinite(loss).all():
        raise UserError("A loss of 0, or one that is not finite, has no logarithm to interpolate.")
    whole, known = np.log(whole), np.isfinite(whole)
    coarse = np.zeros(side * side, bool)
    coarse[mesh(side, step)] = True
    if not known[coarse].all():
        raise UserError(f"Every {step}th point each way must be computed before the others can be interpolated.")
    out = known & ~coarse
    if not out.any():
        raise UserError("No point is held out, so that nothing tells how well the others are interpolated.")
    error = np.abs(_splined(side, whole, coarse, out) - whole[out])
    whole[~known] = _splined(side, whole, known, ~known)
    return Between(np.exp(whole.reshape(side, side)), known.reshape(side, side), error)


def _splined(side: int, values: Array, nodes: Array, at: Array) -> Array:
    """Return a spline through some places of a grid, nodes (side²,) bool, at others."""
    points = grid(side)
    found: Array = RBFInterpolator(points[nodes], values[nodes], kernel="quintic")(points[at])
    return found
