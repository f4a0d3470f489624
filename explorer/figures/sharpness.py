"""How sharp the loss is in the weights: the largest eigenvalues of each model's Hessian, and how all are spread."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Sharp, Sharpness
from explorer.core.stats import Mean
from explorer.core.words import amount, minus
from explorer.figures.frames import Dict
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.logarithm import axis, span
from explorer.figures.setting import Setting
from explorer.figures.style import plain

HEIGHT, LINE = 400, 27  # px; of a line of the legend
PLACES, BLUR, FLOOR = 600, 0.01, 1e-7  # of a curve; its width and the least that is drawn, in shares of axis and peak
LOSSES = {"clean": ("-open", "dot", "clean"), "adversarial": ("", "solid", "adversarial")}


def eigenvalues(result: Sharpness, setting: Setting, _show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw the largest eigenvalues in their order, with their residuals; open marks for the clean loss."""
    curves, hessians = _curves(result, setting, dark), _hessians(result)
    traces: list[Dict] = []
    for i, ((mark, loss, label), hessian) in enumerate(zip(curves, hessians, strict=True)):
        found = hessian.values
        beside = 0.16 * (i - (len(curves) - 1) / 2) / max(len(curves) - 1, 1)
        symbol, dash, _ = LOSSES[loss]
        errors = {"type": "data", "array": found.errors.tolist(), "color": mark.colour, "thickness": 1.5, "width": 4}
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "name": label, "y": found.values.tolist(), "error_y": errors}
            | {"x": [k + 1 + beside for k in range(len(found.values))], "customdata": found.errors.tolist()}
            | {"line": {"color": mark.colour, "width": 1, "dash": dash}}
            | {
                "marker": {
                    "color": mark.colour,
                    "symbol": mark.symbol + symbol,
                    "size": 9,
                    "line": {"width": 2, "color": mark.colour},
                }
            }
            | {"hovertemplate": f"%{{y:.4g}} ± %{{customdata:.1g}}<extra>{label}</extra>"}
        )
    layout = _framed(dark, len(curves))
    most = max(len(trace["y"]) for trace in traces)
    layout["xaxis"] = {"title": {"text": "eigenvalue, the largest first"}, "range": [0.6, most + 0.4], "dtick": 1}
    layout["xaxis"] |= {"fixedrange": True, "showgrid": False}
    every = [value for trace in traces for value in trace["y"]]
    layout["yaxis"] = {"title": {"text": "curvature of the loss"}, "fixedrange": True}
    if min(every) > 0:
        layout["yaxis"] = axis(span(every), "curvature of the loss")
    return go.Figure(data=traces, layout=layout)


def spread(result: Sharpness, setting: Setting, _show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw each model's spectral density on a logarithmic axis, one blur for all: the mean of its quadratures."""
    pairs = zip(_curves(result, setting, dark), _hessians(result), strict=True)
    known = [(curve, hessian.density) for curve, hessian in pairs if hessian.density is not None]
    curves, found = [curve for curve, _ in known], [density for _, density in known]
    low, high = (edge(one.ends[k] for one in found) for k, edge in ((0, min), (1, max)))
    width = BLUR * max(high - low, 1e-12)
    where = np.linspace(low - 4 * width, high + 4 * width, PLACES)
    heights = [one.at(where, width).mean(0) for one in found]
    peak = max(float(height.max()) for height in heights)
    traces = [
        {"type": "scatter", "mode": "lines", "name": label, "x": where.tolist(), "y": _above(height, FLOOR * peak)}
        | {"line": {"color": mark.colour, "width": 2, "dash": LOSSES[loss][1]}}
        | {"hovertemplate": f"at %{{x:.3g}}: %{{y:.2g}}<extra>{label}</extra>"}
        for (mark, loss, label), height in zip(curves, heights, strict=True)
    ]
    layout = _framed(dark, len(curves))
    across = {"title": {"text": f"eigenvalue, blurred by {width:.2g}"}, "fixedrange": True, "nticks": 7}
    layout["xaxis"] = across | {"range": [float(where[0]), float(where[-1])]}
    ends = float(np.log10(FLOOR * peak)), float(np.log10(3 * peak))
    ticks = [10.0**p for p in range(int(np.ceil(ends[0])), int(ends[1]) + 1)]
    layout["yaxis"] = {"type": "log", "range": list(ends), "tickvals": ticks, "fixedrange": True, "tickformat": ".0e"}
    layout["yaxis"] |= {"title": {"text": "share of all eigenvalues, per unit", "standoff": 4}}
    return go.Figure(data=traces, layout=layout)


def _hessians(result: Sharpness) -> list[Sharp]:
    """Return what the curves are of, in their order."""
    return [getattr(result, loss)[model] for model in result.models for loss in _losses(result)]


def told(result: Sharpness, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return each model's figures, a sentence each, and how they compare."""
    return [minus(line) for line in (*numbers_of(result, setting), *compared(result, setting))]


def numbers_of(result: Sharpness, setting: Setting) -> list[str]:
    """Return each model's figures, a sentence each."""
    return [
        f"The {name} model's loss on {amount(result.n, f'{kind} picture')}: {_figures(found)}"
        for model, name in zip(result.models, setting.names, strict=False)
        for loss, (_, _, kind) in LOSSES.items()
        if (found := getattr(result, loss).get(model)) is not None
    ]


def compared(result: Sharpness, setting: Setting, *, clean: bool = False) -> list[str]:
    """Return which model's loss is the sharper one, a sentence for each loss, or for that of clean pictures alone."""
    losses = [loss for loss in _losses(result) if loss == "clean" or not clean]
    return [_compared(result, loss, setting) for loss in losses] if len(result.models) == 2 else []


def _figures(found: Sharp) -> str:
    values, trace = found.values, found.trace
    low, high = Mean.of(trace.draws).interval
    return (
        f"largest eigenvalue {values.values[0]:.3g} ± {values.errors[0]:.1g}, lowest reached {values.lowest:.2g} ± "
        f"{values.lowest_error:.1g}; "
        f"trace {'undetermined' if low <= 0 <= high else f'{trace.value:.3g}'} (95 % interval {low:.3g} to {high:.3g}, "
        f"{len(trace.beyond)} draws); mean loss {values.loss:.3g}, "
        f"the length of its gradient {values.slope:.3g}; {values.weights:,} weights."
    )


def _compared(result: Sharpness, loss: str, setting: Setting) -> str:
    """Return which model's largest eigenvalue is larger, if the error bars tell."""
    one, other = (found.values for found in getattr(result, loss).values())
    a, b = (float(values.values[0]) for values in (one, other))
    kind = LOSSES[loss][2]
    if abs(a - b) <= one.errors[0] + other.errors[0] or min(a, b) <= 0:
        return f"On {kind} pictures the two largest eigenvalues are not told apart, or not both positive."
    more, less = setting.names if a > b else setting.names[::-1]
    ratio = max(a, b) / min(a, b)
    unlike = " The two are not of one architecture, between which it says little." * (one.weights != other.weights)
    return (
        f"On {kind} pictures the {more} model's loss is the sharper one in its sharpest direction, {ratio:.2g} times "
        f"the {less} model's. That is of these pictures and these weights: rescaled weights may have other eigenvalues "
        f"and give the same answers.{unlike}"
    )


def _losses(result: Sharpness) -> list[str]:
    return [loss for loss in LOSSES if getattr(result, loss)]


def _curves(result: Sharpness, setting: Setting, dark: bool) -> Sequence[tuple[Mark, str, str]]:
    """Return how each curve is drawn, of which loss it is, and what it is called: model A's, then model B's."""
    marks = lineup([setting.names[i] for i in range(len(result.models))], dark)
    return [(m, loss, f"{m.sign} {plain(m.name)}: {LOSSES[loss][2]}") for m in marks for loss in _losses(result)]


def _framed(dark: bool, lines: int) -> Dict:
    """Return the layout with a line of the legend for each curve."""
    layout = framed(dark, HEIGHT + LINE * lines)
    layout["margin"] |= {"t": 16 + LINE * lines, "l": 64}
    layout["legend"] |= {"orientation": "v", "itemwidth": 44, "yref": "container", "y": 1, "yanchor": "top"}
    return layout


def _above(height: Array, floor: float) -> list[float | None]:
    """Return a curve with gaps where it is too low to be drawn."""
    return [float(value) if value > floor else None for value in height]
