"""How far the boundary is along kinds of direction, model A beside model B: a row of points for each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array, Reached, Reaches
from explorer.core.stats import Median
from explorer.figures.frames import Dict
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.logarithm import axis, span
from explorer.figures.reaching import KINDS, flat, lengths, ways
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

ROW, FOOT, LINE = 46, 46, 22  # px: of a kind, of an axis with its title, of a line of the legend
LEFT, PLOT, LOST = 108, 0.86, 0.87  # px left for names; where the plot ends and the column of those lost begins
SIDE, JITTER = 0.21, 0.13  # of a row: how far a model's points lie from its middle, and how far they are spread


def distances(result: Reaches, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw lengths: of one picture each way's, of many each picture's; below, random lines over the attack.

    A stroke is the median, with its 95 % interval where the points are pictures. Open marks lie outside of the box.
    What does not cross within the reach is counted at the right.
    """
    norm, colours = str(show["length"]), palette(dark)
    some = next(iter(result.models.values()))
    kinds = [kind for kind in KINDS if kind in some.kinds]
    marks = lineup([setting.names[i] for i in range(len(result.models))], dark)
    traces: list[Dict] = []
    for i, (mark, found) in enumerate(zip(marks, result.models.values(), strict=True)):
        at = _lane(i, len(marks))
        for k, kind in enumerate(kinds):
            values, outside, told = _shown(result, found, kind, setting, show)
            traces += _strip(mark, values * setting.unit, outside, told, k + at, "1", one=result.one)
        times, told = _ratios(result, found)
        traces += _strip(mark, times, np.zeros(len(times), bool), told, at, "3", one=False)
        traces.append(_name(mark))
    traces.append(_name(Mark("outside of [0, 1]", colours.soft, "circle-open", "○", "solid")))
    height, plots = _rows(len(kinds))
    axes, shapes, notes = _frame(result, traces, kinds, norm, setting, plots, dark)
    above = LINE * (len(marks) + 1) + 22
    layout = framed(dark, height + above)
    layout["margin"] = {"l": LEFT, "r": 4, "t": above, "b": FOOT}
    layout["legend"] |= {"orientation": "v", "yref": "container", "y": 1, "yanchor": "top"}
    return go.Figure(
        data=traces, layout=layout | axes | {"shapes": shapes, "annotations": notes, "hovermode": "closest"}
    )


def _shown(
    result: Reaches, found: Reached, kind: str, setting: Setting, show: Mapping[str, Any]
) -> tuple[Array, Array, list[str]]:
    """Return the lengths that are drawn of a kind, which lie outside of the box, and what pointing at each says."""
    one, norm = found.kinds[kind], str(show["length"])
    if result.one:
        values, beyond = ways(one, norm)[0], one.reached[0]
        told = [
            f"{KINDS[kind]}, way {j + 1}: {setting.counted(float(v))}, then '{setting.classes[int(c)]}'"
            if c >= 0
            else ""
            for j, (v, c) in enumerate(zip(values, beyond, strict=True))
        ]
        return values, one.outside[0], told
    values = lengths(one, show)
    told = [
        f"{KINDS[kind]}, picture {place}: {setting.counted(float(v))}" if np.isfinite(v) else ""
        for place, v in zip(found.places, values, strict=True)
    ]
    return values, np.asarray((one.outside | ~one.crossed).all(1)), told


def _ratios(result: Reaches, found: Reached) -> tuple[Array, list[str]]:
    """Return how many times as far as the attack random lines go, and what pointing at each says."""
    if not result.one:
        return found.times, [f"picture {p}: {v:.3g} times" for p, v in zip(found.places, found.times, strict=True)]
    with np.errstate(invalid="ignore"):
        values = found.kinds["random"].l2[0] / found.kinds["attack"].l2.min()
    return values, [f"line {j + 1}: {v:.3g} times" for j, v in enumerate(values)]


def _lane(i: int, count: int) -> float:
    """Return where model i's points lie in a row, A above B."""
    return 0.0 if count == 1 else (-SIDE, SIDE)[i]


def _strip(
    mark: Mark, values: Array, outside: Array, told: Sequence[str], y: float, k: str, *, one: bool
) -> list[Dict]:
    """Return the points of a model in a row, their median, and the count of those that are not there."""
    known = np.isfinite(values)
    spread = y + JITTER * _scatter(len(values)) if len(values) > 2 else np.full(len(values), y)
    size, many = (6, len(values) > 20) if len(values) > 2 else (10, False)
    where = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}", "showlegend": False, "legendgroup": mark.name}
    found: list[Dict] = []
    for out in (False, True):
        rows = known & (outside == out)
        look = {"color": mark.colour, "size": size, "symbol": mark.symbol + ("-open" if out else "")}
        found.append(
            where
            | {"mode": "markers", "x": values[rows], "y": spread[rows], "opacity": 0.5 if many else 0.9}
            | {"marker": look | {"line": {"width": 1}}, "text": [t for t, row in zip(told, rows, strict=True) if row]}
            | {"hovertemplate": f"%{{text}}<extra>{mark.sign} {plain(mark.name)}</extra>"}
        )
    if len(values) > 2:
        found += _median(mark, values, y, where, one)
    lost = int((~known).sum())
    text = f"{lost} of {len(values)}" if lost else ""
    column = {"mode": "text", "x": [0], "y": [y], "text": [text], "textfont": {"color": mark.colour, "size": 12}}
    place = {"xaxis": f"x{int(k) + 1}", "yaxis": f"y{int(k) + 1}", "textposition": "middle right", "hoverinfo": "skip"}
    return [*found, where | column | place | {"cliponaxis": False}]


def _median(mark: Mark, values: Array, y: float, where: Dict, one: bool) -> list[Dict]:
    """Return the stroke at the median, with the interval where the values are draws."""
    known = values[~np.isnan(values)]
    middle = Median.of(known) if len(known) else None
    if middle is None or not np.isfinite(middle.value):
        return []
    low, high = middle.interval
    stroke = {"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": mark.colour}}
    drawn = where | {"mode": "markers", "x": [middle.value], "y": [y], "marker": stroke}
    if one or not np.isfinite([low, high]).all():
        return [drawn | {"hovertemplate": f"median {middle.value:.3g}<extra></extra>"}]
    error = {"type": "data", "symmetric": False, "array": [high - middle.value], "arrayminus": [middle.value - low]}
    return [
        drawn
        | {"error_x": error | {"color": mark.colour, "width": 6, "thickness": 3}}
        | {"hovertemplate": f"median {middle.value:.3g}, 95 % interval {low:.3g} to {high:.3g}<extra></extra>"}
    ]


def _scatter(count: int) -> Array:
    """Return places from -1 to 1 that keep neighbours apart, the same every time: multiples of the golden ratio."""
    return np.asarray((np.arange(count) * 0.6180339887) % 1 * 2 - 1)


def _name(mark: Mark) -> Dict:
    """Return a line of the legend."""
    look = {"color": mark.colour, "symbol": mark.symbol, "size": 10}
    return {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": mark.entry, "marker": look}


def _rows(kinds: int) -> tuple[int, tuple[list[float], list[float]]]:
    """Return the height of all, and the domains of both plots."""
    upper, lower, gap = ROW * kinds, 2 * ROW, FOOT + 34
    whole = upper + lower + gap
    return whole + FOOT, ([(lower + gap) / whole, 1.0], [0.0, lower / whole])


def _frame(
    result: Reaches,
    traces: Sequence[Dict],
    kinds: Sequence[str],
    norm: str,
    setting: Setting,
    plots: tuple[list[float], list[float]],
    dark: bool,
) -> tuple[Dict, list[Dict], list[Dict]]:
    """Return the axes, the lines that have a meaning, and the words beside them."""
    colours, size = palette(dark), next(iter(next(iter(result.models.values())).kinds.values())).size
    root, plane = size**0.5, flat(size)
    budget = [setting.eps] if setting.norm == norm and setting.eps else []
    spans = [span([*_drawn(traces, "x1"), *budget]), span([*_drawn(traces, "x3"), root, plane])]
    names = [KINDS[kind] for kind in kinds]
    titles = (f"distance in {SYMBOLS[norm]}, in 1/{setting.unit}", "random lines over the attack, in ℓ2: times as far")
    axes: Dict = {}
    for k, (plot, ends, title, rows) in enumerate(zip(plots, spans, titles, (names, ["ratio"]), strict=True)):
        i = 2 * k + 1
        axes[f"xaxis{i}"] = axis(ends, title) | {"anchor": f"y{i}", "domain": [0, PLOT]}
        axes[f"yaxis{i}"] = {"anchor": f"x{i}", "domain": plot, "range": [len(rows) - 0.5, -0.5], "fixedrange": True}
        axes[f"yaxis{i}"] |= {"tickvals": list(range(len(rows))), "ticktext": rows, "showgrid": False}
        bare = {"visible": False, "fixedrange": True}
        axes[f"xaxis{i + 1}"] = bare | {"anchor": f"y{i + 1}", "domain": [LOST, 1], "range": [0, 1]}
        axes[f"yaxis{i + 1}"] = bare | {"anchor": f"x{i + 1}", "domain": plot, "range": [len(rows) - 0.5, -0.5]}
    shapes = [_line("1", x, colours.budget, "dash") for x in budget]
    shapes += [_line("3", root, colours.soft, "dot"), _line("3", plane, colours.soft, "solid")]
    shapes += [_rule(row + 0.5, colours.line) for row in range(len(kinds) - 1)]
    above = {"showarrow": False, "font": {"size": 12, "color": colours.soft}, "yanchor": "bottom", "borderpad": 1}
    notes = [above | {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": 1, "text": "not crossed"}]
    notes += [above | {"xref": "x", "x": np.log10(x), "yref": "paper", "y": 1, "text": "budget"} for x in budget]
    top = above | {"xref": "x3", "yref": "paper", "y": plots[1][1]}
    notes.append(top | {"x": np.log10(root), "xanchor": "right", "text": f"√d = {root:.3g}"})
    notes.append(top | {"x": np.log10(plane), "xanchor": "left", "text": f"flat: {plane:.3g}"})
    return axes, shapes, notes


def _drawn(traces: Sequence[Dict], axis: str) -> list[float]:
    """Return what is drawn on an axis."""
    return [float(x) for trace in traces if trace.get("xaxis") == axis for x in trace["x"]]


def _line(k: str, x: float, colour: str, dash: str) -> Dict:
    axis = "" if k == "1" else k
    place = {"type": "line", "xref": f"x{axis}", "x0": x, "x1": x, "yref": f"y{axis} domain", "y0": 0, "y1": 1}
    return place | {"line": {"color": colour, "width": 1.5, "dash": dash}, "layer": "below"}


def _rule(y: float, colour: str) -> Dict:
    place = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": y, "y1": y, "layer": "below"}
    return place | {"line": {"color": colour, "width": 1}}
