"""Certified boxes: a budget for each pixel as a map, or how alike the maps of many pictures are."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Boxed, Boxes
from explorer.figures.facing import classed, heat
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.headings import dyed, key, note
from explorer.figures.lineup import Mark, lineup
from explorer.figures.setting import Setting
from explorer.figures.sheet import Cell, sheet
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain


def boxed(view: Boxed, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw one picture and both models' eps of each pixel on one scale; of points the boxes; of many how alike.

    Many pictures are in order of their class.
    """
    if len(view.y) > 1:
        return _likeness(view, setting, dark)
    if view.x[0].ndim != 3:
        return _points(view, setting, dark)
    truth = "" if view.y[0] < 0 else f"class “{setting.classes[int(view.y[0])]}”"
    row = [Cell("picture", f"picture\n{truth}", view.x[0])]
    limit = max((float(flat(one).max()) for one in view.models.values()), default=1.0) or 1.0
    for i, model in enumerate(view.order):
        name, tone = f"{SIGNS[i]} {'AB'[i]} · {setting.names[i]}", palette(dark).models[i]
        one = view.models.get(model)
        if one is None or not one.certified[0]:
            why = view.refused.get(model, "Wrong by itself, or nothing is certified: there is no box.")
            row.append(Cell(name, f"{name}\n", view.x[0], tone=tone, refused=why))
            continue
        words = f"eps of each pixel; the same for all: {setting.counted(float(one.uniform[0]))}"
        row.append(Cell(name, f"{name}\n{words}", view.x[0], flat(one), limit, False, tone))
    return sheet([row], dark=dark)


def flat(one: Boxes) -> Array:
    """Return the eps of a picture's pixels, (H, W): the mean over channels."""
    return np.asarray(one.eps[0].mean(0))


def _points(view: Boxed, setting: Setting, dark: bool) -> go.Figure:
    """Draw each model's uniform and its largest box around a point, on one scale."""
    height, y = rows(key=24, head=26, planes=360, ticks=50)
    words = ["━ the largest box", "╌╌ the largest with one eps for both coordinates", "○ the point"]
    parts = [key(words, y["key"], dark)]
    u, v = view.x[0].tolist()
    reach = 1.15 * max((float(one.eps.max()) for one in view.models.values()), default=0.1) * setting.unit
    for i, (mark, one) in enumerate(_shown(view, setting, dark)):
        k, on = i + 1, {"type": "scatter", "mode": "lines", "xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}"}
        part = Part()
        shapes = [(one.eps[0], "solid", 3), (np.full(2, one.uniform[0]), "dash", 2)]
        for eps, dash, width in shapes:
            low = [max(c - e, 0.0) for c, e in zip((u, v), eps.tolist(), strict=True)]
            high = [min(c + e, 1.0) for c, e in zip((u, v), eps.tolist(), strict=True)]
            x = [setting.unit * c for c in (low[0], high[0], high[0], low[0], low[0])]
            t = [setting.unit * c for c in (low[1], low[1], high[1], high[1], low[1])]
            look = {"color": mark.colour, "dash": dash, "width": width}
            told = f"eps {setting.unit * eps[0]:.3g} × {setting.unit * eps[1]:.3g}<extra>{mark.sign}</extra>"
            part.fixed.append(on | {"x": x, "y": t, "line": look, "hovertemplate": told})
        spot: Dict = {"size": 11, "color": palette(dark).page, "line": {"color": palette(dark).ink, "width": 2.5}}
        here = {"mode": "markers", "x": [u * setting.unit], "y": [v * setting.unit], "marker": spot}
        part.fixed.append(on | here | {"hovertemplate": "the point<extra></extra>"})
        half = (LEFT, RIGHT)[i]
        axis: Dict = {"nticks": 6, "constrain": "domain", "showline": True, "mirror": True, "showgrid": False}
        across: Dict = {"domain": [half[0] + 0.055, half[1]], "anchor": f"y{k}", "constraintoward": "left"}
        across |= {"range": [u * setting.unit - reach, u * setting.unit + reach]}
        up: Dict = {"domain": y["planes"], "anchor": f"x{k}", "scaleanchor": f"x{k}", "constraintoward": "top"}
        up |= {"range": [v * setting.unit - reach, v * setting.unit + reach]}
        across |= {"title": {"text": f"first coordinate, in 1/{setting.unit}"}}
        name = dyed(f"<b>{mark.sign} · {plain(mark.name)}</b>", mark.colour)
        part.notes.append(note(name, half[0] + 0.055, y["head"]) | {"font": {"size": 14}})
        parts.append(Part(part.fixed, notes=part.notes, axes={f"xaxis{k}": axis | across, f"yaxis{k}": axis | up}))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _likeness(view: Boxed, setting: Setting, dark: bool) -> go.Figure:
    """Draw each model's correlations between the maps of all pairs of pictures, in order of their class."""
    height, y = rows(key=24, head=30, matrix=400, ticks=50)
    there = np.all([one.certified for one in view.models.values()], axis=0) if view.models else np.zeros(0, bool)
    order = np.flatnonzero(there)
    order = order[np.argsort(view.y[order], kind="stable")]
    words = [
        "<b>How alike two pictures' maps are</b>: the correlation of log eps over pixels that count",
        f"n = {len(order)}",
    ]
    parts = [key(words, y["key"], dark)]
    shown = _shown(view, setting, dark)
    for i, (mark, one) in enumerate(shown):
        values = np.nan_to_num(one.similarity[np.ix_(order, order)])
        k, last = i + 1, i == len(shown) - 1
        part = Part([heat(values, 1.0, mark, k, last, y["matrix"], dark, "correlation")])
        part.notes.append(title(f"<b>{mark.sign} {plain(mark.name)}</b>", k, mark.colour))
        axes = classed(view.y[order], setting, k, y["matrix"], dark)
        parts.append(Part(part.fixed, notes=part.notes, axes=axes))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _shown(view: Boxed, setting: Setting, dark: bool) -> list[tuple[Mark, Boxes]]:
    """Return the models that have boxes, with their marks."""
    marks = zip(view.order, lineup(setting.names[: len(view.order)], dark), strict=True)
    return [(mark, view.models[model]) for model, mark in marks if model in view.models]
