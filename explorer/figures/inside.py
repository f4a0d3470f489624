"""The share of wrong points in a ball against its radius, beside the pictures that an attack breaks within it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Insides
from explorer.core.stats import Pooled, Rate
from explorer.figures.frames import Dict
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.logarithm import axis, span
from explorer.figures.setting import Setting
from explorer.figures.style import palette
from explorer.figures.surroundings import broken, points

HEIGHT, LINE = 420, 27  # px; of a line of the legend
WAYS = {"points": "dot", "attack": "solid"}  # how each is drawn: the dash


def inside(result: Insides, setting: Setting, _show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw both shares of each model with their 95 % bands, and the budget dashed, on a logarithmic axis of radii."""
    marks = lineup([setting.names[i] for i in range(len(result.models))], dark)
    traces: list[Dict] = []
    for mark, (model, found) in zip(marks, result.models.items(), strict=True):
        shares: dict[str, list[Rate | Pooled]] = {"points": [points(found, j) for j in range(len(found.radii))]}
        if (judged := result.judged.get(model)) is not None:
            shares["attack"] = [broken(judged, float(radius)) for radius in found.radii]
        x = [float(radius) * setting.unit for radius in found.radii]
        for way in ("attack", "points"):
            if way in shares:
                traces += _curve(mark, x, shares[way], way, result.one)
    colours, radii = palette(dark), next(iter(result.models.values())).radii * setting.unit
    lines = 2 * len(marks)
    layout = framed(dark, HEIGHT + LINE * lines)
    layout["margin"]["t"] = 34 + LINE * lines
    layout["legend"] |= {"orientation": "v", "itemwidth": 44, "yref": "container", "y": 1, "yanchor": "top"}
    title = f"radius in {setting.symbol}, in 1/{setting.unit}"
    layout["xaxis"] = axis(span([float(radii[0]), float(radii[-1])]), title)
    layout["yaxis"] = {"title": {"text": "share that is wrong"}, "range": [-0.02, 1.02], "tickformat": ".0%"}
    layout["yaxis"] |= {"fixedrange": True}
    if setting.eps:
        place = {"type": "line", "x0": setting.eps, "x1": setting.eps, "yref": "paper", "y0": 0, "y1": 1}
        layout["shapes"] = [place | {"line": {"color": colours.budget, "width": 1.5, "dash": "dash"}}]
        above = {"showarrow": False, "font": {"size": 12, "color": colours.soft}, "yanchor": "bottom", "yref": "paper"}
        layout["annotations"] = [above | {"x": np.log10(setting.eps), "y": 1, "text": f"budget {setting.eps}"}]
    return go.Figure(data=traces, layout=layout)


def _curve(mark: Mark, x: Sequence[float], shares: Sequence[Rate | Pooled], way: str, one: bool) -> list[Dict]:
    """Return a share's line and its band; of one picture the attack's is a step without a band."""
    label = f"{mark.entry}: " + ("points drawn" if way == "points" else "attack")
    low, high = ([share.interval[side] for share in shares] for side in (0, 1))
    step = one and way == "attack"
    line = {"color": mark.colour, "width": 2.5, "dash": WAYS[way], "shape": "hv" if step else "linear"}
    told = "broken" if step else "%{y:.2%}, 95 % interval %{customdata[0]:.2%} to %{customdata[1]:.2%}"
    found: list[Dict] = [
        {"type": "scatter", "mode": "lines+markers", "x": list(x), "y": [share.value for share in shares]}
        | {"name": label, "legendgroup": label, "line": line}
        | {"marker": {"color": mark.colour, "symbol": mark.symbol + ("-open" if way == "points" else ""), "size": 8}}
        | {"customdata": list(zip(low, high, strict=True))}
        | {"hovertemplate": f"radius %{{x:.4g}}: {told}<extra>{label}</extra>"}
    ]
    if not step:
        band = {"type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "y": [*high, *reversed(low)]}
        look = {"fill": "toself", "fillcolor": mark.colour, "opacity": 0.15, "line": {"width": 0}}
        found.insert(0, band | look | {"hoverinfo": "skip", "showlegend": False, "legendgroup": label})
    return found
