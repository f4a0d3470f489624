"""A linear model under attack in two dimensions, drawn with a slider over the budget."""

from math import log

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Linear
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.kinds import place
from explorer.figures.style import palette

ANGLES = 361  # directions that are tried
RADIUS = 0.42  # of the circle that shows them


def lineared(found: Linear, *, dark: bool = False) -> go.Figure:
    """Draw the points with the directions in which a step from w = 0 helps, and the least loss against the budget."""
    height, y = rows(above=26, plane=330, end=58, buttons=40, slider=24)
    parts = [_plane(found, y["plane"], dark), _loss(found, y["plane"], dark)]
    return compose(parts, height=height, steps=range(len(found.eps) - 1), y=y, dark=dark)


def told(found: Linear) -> str:
    """Return the threshold in words."""
    first = int((np.abs(found.w).max(1) < 1e-6).argmax())
    return (
        f"Of {len(found.y)} points in two dimensions, |mean(y·x)| has its largest entry at {found.threshold:.4f}: from "
        f"that budget on w = 0 is the best linear model under attack. Solved for {len(found.eps)} budgets, the best w "
        f"is 0 from {found.eps[first]:.4f} on, and not 0 at {found.eps[first - 1]:.4f}."
    )


def useful(way: Array, eps: float) -> Array:
    """Return the directions, points of the unit circle (ANGLES, 2), in which a small step lowers the loss; else NaN."""
    angle = np.linspace(0, 2 * np.pi, ANGLES)
    ways = np.stack([np.cos(angle), np.sin(angle)], 1)
    helps = ways @ way > eps * np.abs(ways).sum(1)
    found: Array = np.where(helps[:, None], ways, np.nan)
    return found


def _plane(found: Linear, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(1, "x₁, less its mean", "x₂, less its mean", y)
    axes["xaxis1"] |= {"range": [-0.56, 0.56], "constrain": "domain"}
    axes["yaxis1"] |= {"range": [-0.56, 0.56], "scaleanchor": "x1", "constrain": "domain"}
    colours = palette(dark)
    head = "<b>Directions in which a first step helps (thick), of all (thin)</b>"
    part = Part(axes=axes, notes=[title(head, 1, colours.ink)])
    for side, (name, symbol) in enumerate((("y = −1", "circle"), ("y = 1", "diamond"))):
        rows_of = found.x[found.y == (-1, 1)[side]]
        dot: Dict = on | {"mode": "markers", "x": rows_of[:, 0].tolist(), "y": rows_of[:, 1].tolist(), "opacity": 0.5}
        dot |= {"marker": {"color": colours.classes[side], "symbol": symbol, "size": 5}}
        part.fixed.append(dot | {"hovertemplate": f"{name}<extra></extra>"})
    every = RADIUS * useful(found.way, -1.0)
    thin: Dict = on | {"mode": "lines", "x": every[:, 0].tolist(), "y": every[:, 1].tolist(), "hoverinfo": "skip"}
    part.fixed.append(thin | {"line": {"color": colours.soft, "width": 1}})
    thick = on | {"mode": "lines", "line": {"color": colours.ink, "width": 6}, "hoverinfo": "skip"}

    def at(step: int | None) -> list[Dict]:
        some = RADIUS * useful(found.way, float(found.eps[-1 if step is None else step]))
        shown: list[list[float | None]] = [[None if np.isnan(v) else float(v) for v in one] for one in some.T]
        return [{"type": "scatter", "x": shown[0], "y": shown[1]}]

    return Part(part.fixed, [thick], at, axes=part.axes, notes=part.notes)


def _loss(found: Linear, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(2, "budget eps", "least loss under attack", y)
    axes["yaxis2"] |= {"range": [0, 0.76]}
    colours = palette(dark)
    part = Part(axes=axes, notes=[title("<b>The best that a linear model can do</b>", 2, colours.ink)])
    curve: Dict = on | {
        "mode": "lines+markers",
        "x": found.eps.tolist(),
        "y": found.loss.tolist(),
        "marker": {"size": 5},
    }
    curve |= {"line": {"color": colours.adversarial, "width": 2}}
    part.fixed.append(curve | {"hovertemplate": "eps %{x:.4f}: %{y:.4f}<extra></extra>"})
    ends = [0.0, float(found.eps[-1])]
    guess: Dict = on | {"mode": "lines", "x": ends, "y": [log(2)] * 2, "hoverinfo": "skip"}
    part.fixed.append(guess | {"line": {"color": colours.soft, "width": 1.5, "dash": "dot"}})
    wall: Dict = on | {"mode": "lines", "x": [found.threshold] * 2, "y": [0, 0.76]}
    wall |= {"hovertemplate": "threshold |mean(y·x)|∞ = %{x:.4f}<extra></extra>"}
    part.fixed.append(wall | {"line": {"color": colours.budget, "width": 1.5, "dash": "dash"}})
    now = on | {"mode": "markers+text", "textposition": "bottom right", "marker": {"color": colours.ink, "size": 12}}

    def at(step: int | None) -> list[Dict]:
        i = len(found.eps) - 1 if step is None else step
        place_left = i > len(found.eps) // 2
        there: Dict = {"type": "scatter", "x": [float(found.eps[i])], "y": [float(found.loss[i])]}
        there["textposition"] = "bottom left" if place_left else "bottom right"
        return [there | {"text": [f"eps {found.eps[i]:.3f}"]}]

    return Part(part.fixed, [now], at, axes=part.axes, notes=part.notes)
