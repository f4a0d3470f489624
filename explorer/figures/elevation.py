"""What is drawn of a loss surface as height and colour, of both models on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.core.results import Array, Terrain
from explorer.figures.logarithm import axis as logarithmic
from explorer.figures.style import plain

LEAST = 1e-6  # a loss below has no place on the scale of logarithms


@dataclass(frozen=True, eq=False, slots=True)
class Height:
    """What is drawn as height and colour, of both models on one scale.

    at : (side,) the grid's places on both axes
    values : (side, side) of model A and of model B, as drawn; told : as pointing tells; ends : of the scale
    ticks, labels : on it; title : what it is, in a figure's first line
    """

    at: Array
    values: tuple[Array, Array]
    told: tuple[Array, Array]
    ends: tuple[float, float]
    ticks: Array
    labels: Sequence[str]
    title: str
    word: str
    format: str


def limits(view: Terrain, ceiling: float = 0.0) -> tuple[float, float]:
    """Return the lowest and the highest power of ten of both models' scale; losses above `ceiling` count as it."""
    both = np.concatenate([view.a.loss, view.b.loss])
    known = np.log10(both[np.isfinite(both)].clip(LEAST, ceiling or np.inf))
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return low, max(high, low + 0.05)


def height_of(view: Terrain, what: str = "loss", ceiling: float = 0.0) -> Height:
    """Return the logarithm of the loss as height, or with `what` "accuracy" the share of right answers, from 0 to 1."""
    if what == "accuracy":
        shares, ticks = (view.accuracy(0), view.accuracy(1)), np.linspace(0, 1, 6)
        title = f"<b>Accuracy</b> ({plain(view.kind)}), n = {view.a.count:,} pictures"
        return Height(
            view.ticks, shares, shares, (0.0, 1.0), ticks, [f"{t:.0%}" for t in ticks], title, "accuracy", ".1%"
        )
    ends, losses = limits(view, ceiling), (view.loss(0), view.loss(1))
    between = ""
    if view.fine_a is not None and view.fine_b is not None and view.errors is not None:
        losses = view.fine_a, view.fine_b
        worst, middle = np.expm1(view.errors.max()), np.expm1(np.median(view.errors))
        between = f"<br>between points a spline, at {len(view.errors)} others off by {middle:.1%}, at most {worst:.1%}"
    a, b = (np.log10(np.maximum(loss, LEAST)).clip(*ends) for loss in losses)
    axis = logarithmic(ends, "")
    cut = f", losses above {ceiling:g} shown as {ceiling:g}" if ceiling else ""
    cut += f", losses below {LEAST:g} shown as {LEAST:g}" if min(float(loss.min()) for loss in losses) < LEAST else ""
    many = f", n = {view.a.count:,} pictures" if view.a.count > 1 else ""
    title = f"<b>Cross-entropy</b> ({plain(view.kind)}){many}; one logarithmic scale{cut}{between}"
    at = np.linspace(view.ticks[0], view.ticks[-1], len(a))
    return Height(at, (a, b), losses, ends, np.log10(axis["tickvals"]), axis["ticktext"], title, "loss", ".3g")
