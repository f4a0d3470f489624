"""The loss over planes through the weights of two models: contours beside each other, or surfaces."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Terrain
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.logarithm import axis as logarithmic
from explorer.figures.relief import CAMERA
from explorer.figures.setting import Setting
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain

SCALE, LINES = "Cividis", 16  # read alike by colour-blind eyes; steps of colour
TICKS, BAR = 0.065, 0.055  # shares of the width: for an axis' numbers, for the bar of colours
LEAST = 1e-6  # a loss below has no place on the scale of logarithms


def limits(view: Terrain, ceiling: float = 0.0) -> tuple[float, float]:
    """Return the lowest and the highest power of ten of both models' scale; losses above `ceiling` count as it."""
    both = np.concatenate([view.a.loss, view.b.loss])
    known = np.log10(both[np.isfinite(both)].clip(LEAST, ceiling or np.inf))
    low, high = float(known.min()), float(known.max())
    return low, max(high, low + 0.05)


def contours(view: Terrain, setting: Setting, *, ceiling: float = 0.0, dark: bool = False) -> go.Figure:
    """Draw the loss of model A (left) and model B (right) as heights on one logarithmic scale.

    ceiling : the loss that all higher ones are shown as; 0: none
    """
    height, y = rows(key=22, head=26, planes=430, ticks=50)
    ends, colours = limits(view, ceiling), palette(dark)
    low, high = ends
    parts = [key([_scale(view, ceiling)], y["key"], dark)]
    for i in range(2):
        span = _span(i)
        z = _heights(view, i, ends)
        told = f"loss %{{customdata:.3g}} at (%{{x:.3g}}, %{{y:.3g}})<extra>{'AB'[i]}</extra>"
        bar = _bar(ends, y["planes"], dark)
        size = (high - low) / LINES
        levels = {"start": low, "end": high, "size": size, "coloring": "fill"}
        flat: Dict = {"type": "contour", "x": view.ticks, "y": view.ticks, "z": z, "customdata": view.loss(i)}
        flat |= {"contours": levels, "line": {"width": 0.6, "color": colours.page}, "colorscale": SCALE}
        flat |= {"zmin": low, "zmax": high, "showscale": i == 1, "colorbar": bar, "hovertemplate": told}
        traces = [flat | _on(i), *_marks(view, i, dark)]
        parts.append(
            Part(traces, notes=[_head(view, setting, i, y["head"], dark)], axes=_axes(view, i, span, y["planes"]))
        )
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def heights(view: Terrain, setting: Setting, *, ceiling: float = 0.0, dark: bool = False) -> go.Figure:
    """Draw the loss of both models as surfaces over the planes: two scenes with one logarithmic scale."""
    height, y = rows(key=22, head=26, planes=470)
    ends, colours = limits(view, ceiling), palette(dark)
    parts, scenes = [key([_scale(view, ceiling)], y["key"], dark)], dict[str, Any]()
    ticks = logarithmic(ends, "")
    edge: Dict = {"backgroundcolor": colours.page, "gridcolor": colours.line, "color": colours.soft, "nticks": 5}
    for i, name in enumerate(("scene", "scene2")):
        told = f"loss %{{customdata:.3g}} at (%{{x:.3g}}, %{{y:.3g}})<extra>{'AB'[i]}</extra>"
        hill: Dict = {"type": "surface", "scene": name, "x": view.ticks, "y": view.ticks, "z": _heights(view, i, ends)}
        hill |= {"customdata": view.loss(i), "colorscale": SCALE, "cmin": ends[0], "cmax": ends[1]}
        parts.append(Part([hill | {"showscale": False, "hovertemplate": told}]))
        parts[-1].notes.append(_head(view, setting, i, y["head"], dark))
        scene: Dict = {"domain": {"x": (LEFT, RIGHT)[i], "y": y["planes"]}, "aspectmode": "cube", "camera": CAMERA}
        for letter, words in zip("xyz", (*view.names, "loss"), strict=True):
            scene[f"{letter}axis"] = edge | {"title": {"text": plain(words), "font": {"size": 11}}}
        powers = {"tickvals": np.log10(ticks["tickvals"]), "ticktext": ticks["ticktext"], "range": list(ends)}
        scene["zaxis"] |= powers
        scenes[name] = scene
    return compose(parts, height=height, steps=(), y=y, dark=dark).update_layout(scenes)


def _heights(view: Terrain, i: int, ends: tuple[float, float]) -> Array:
    return np.log10(np.maximum(view.loss(i), LEAST)).clip(*ends)


def _scale(view: Terrain, ceiling: float) -> str:
    cut = f", losses above {ceiling:g} shown as {ceiling:g}" if ceiling else ""
    return f"<b>Cross-entropy</b> ({plain(view.kind)}), n = {view.a.count:,} pictures; one logarithmic scale{cut}"


def _head(view: Terrain, setting: Setting, i: int, y: tuple[float, float], dark: bool) -> Dict:
    colours, loss = palette(dark), view.loss(i)
    centre = np.abs(view.ticks).argmin()
    name = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(setting.names[i])}</b>", colours.models[i])
    exact = abs(view.ticks[centre]) < 1e-9
    words = f"{loss[centre, centre]:.3g} at the trained weights" if exact else ""
    font = {"size": 14, "color": colours.soft}
    return note(f"{name}   {words}", _span(i)[0] + TICKS, y) | {"font": font}


def _span(i: int) -> tuple[float, float]:
    """Return the share of the width that a half has, without the bar."""
    half = (1 - BAR) / 2
    return (0.0, half - 0.012) if i == 0 else (half + 0.012, 1 - BAR)


def _on(i: int) -> Dict:
    return {"xaxis": ("x", "x2")[i], "yaxis": ("y", "y2")[i]}


def _marks(view: Terrain, i: int, dark: bool) -> list[Dict]:
    """Return the trained weights' place, and the way that training came."""
    colours, path = palette(dark), (view.path_a, view.path_b)[i]
    here: Dict = {"type": "scatter", "mode": "markers", "x": [0], "y": [0], "cliponaxis": False}
    mark = {"symbol": "circle", "size": 9, "color": "#ffffff", "line": {"color": "#000000", "width": 1.5}}
    traces = [here | _on(i) | {"marker": mark, "hovertemplate": "the trained weights<extra></extra>"}]
    if path is not None:
        way: Dict = {"type": "scatter", "mode": "lines+markers", "x": path[:, 0], "y": path[:, 1]}
        way |= {"line": {"color": colours.models[i], "width": 2.5}, "marker": {"size": 5, "color": "#ffffff"}}
        told = "recorded weights %{pointNumber}, (%{x:.3g}, %{y:.3g}) on the plane<extra></extra>"
        traces.insert(0, way | _on(i) | {"hovertemplate": told})
    return traces


def _axes(view: Terrain, i: int, span: tuple[float, float], y: tuple[float, float]) -> Dict:
    k, ends = ("", "2")[i], [float(view.ticks[0]), float(view.ticks[-1])]
    axis: Dict = {
        "nticks": 6,
        "showgrid": False,
        "showline": True,
        "mirror": True,
        "range": ends,
        "constrain": "domain",
    }
    across = axis | {"domain": [span[0] + TICKS, span[1]], "anchor": f"y{k}", "constraintoward": "left"}
    up = axis | {"domain": list(y), "anchor": f"x{k}", "scaleanchor": f"x{k}", "constraintoward": "top"}
    across |= {"title": {"text": plain(view.names[0])}}
    up |= {"title": {"text": plain(view.names[1])}}
    return {f"xaxis{k}": across, f"yaxis{k}": up}


def _bar(ends: tuple[float, float], y: tuple[float, float], dark: bool) -> Dict:
    ticks, soft = logarithmic(ends, ""), palette(dark).soft
    bar: Dict = {
        "x": 1 - BAR + 0.008,
        "xanchor": "left",
        "yanchor": "top",
        "thickness": 12,
        "y": y[1],
        "len": 0.88 * (y[1] - y[0]),
    }
    bar |= {"tickvals": np.log10(ticks["tickvals"]), "ticktext": ticks["ticktext"], "outlinewidth": 0}
    return bar | {"tickfont": {"color": soft, "size": 12}, "xpad": 0, "ypad": 0}
