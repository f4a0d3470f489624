"""The loss over planes through the weights of two models: contours beside each other, or surfaces."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Losses, Terrain
from explorer.figures.descended import legend as recorded
from explorer.figures.descended import named, way
from explorer.figures.draped import LIFT, draped
from explorer.figures.elevation import LEAST, Height, height_of
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.relief import CAMERA
from explorer.figures.setting import Setting
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain

SCALE, LINES = "Cividis", 16  # read alike by colour-blind eyes; steps of colour
TICKS, BAR = 0.065, 0.055  # shares of the width: for an axis' numbers, for the bar of colours
ROOM = 0.02  # of the height of a scene


def contours(
    view: Terrain,
    setting: Setting,
    *,
    what: str = "loss",
    ceiling: float = 0.0,
    over: Sequence[Sequence[Dict]] = (),
    legend: Sequence[str] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw the loss or the accuracy of model A (left) and model B (right) as heights on one scale.

    ceiling : the loss that all higher ones are shown as; 0: none
    over : traces above model A's and model B's, in place of the line of guessing; legend : what they mean
    """
    shown, colours = height_of(view, what, ceiling), palette(dark)
    low, high = shown.ends
    flat = {"x": shown.at, "y": shown.at}
    lines = over or [_lines(shown, setting, i) for i in range(2)]
    if not over and any(lines):
        legend = [_guessed(setting)]
    above = _keyed(shown, view, legend)
    height, y = rows(key=_tall(above), head=26, planes=430, ticks=50)
    parts = [key(["<br>".join(above)], y["key"], dark)]
    for i in range(2):
        bar = bar_of(shown, y["planes"], dark)
        levels = {"start": low, "end": high, "size": (high - low) / LINES, "coloring": "fill"}
        hill: Dict = {"type": "contour"} | flat | _surface(shown, i)
        hill |= {"contours": levels, "line": {"width": 0.6, "color": colours.page}, "colorscale": SCALE}
        hill |= {"zmin": low, "zmax": high, "showscale": i == 1, "colorbar": bar}
        head = _head(shown, view, setting, i, (_span(i)[0] + TICKS, y["head"]), dark)
        traces = [hill | _on(i), *(line | _on(i) for line in lines[i]), *_marks(view, i)]
        parts.append(Part(traces, notes=[head], axes=_axes(view, i, _span(i), y["planes"])))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def heights(
    view: Terrain,
    setting: Setting,
    *,
    what: str = "loss",
    ceiling: float = 0.0,
    over: Sequence[Sequence[Dict]] = (),
    legend: Sequence[str] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw the loss or the accuracy of both models as surfaces over the planes: two scenes with one scale.

    over, legend : as of `contours`; what they draw lies on the surfaces
    """
    shown, colours = height_of(view, what, ceiling), palette(dark)
    lines = over or [_lines(shown, setting, i) for i in range(2)]
    if not over and any(lines):
        legend = [_guessed(setting)]
    above = _keyed(shown, view, legend)
    height, y = rows(key=_tall(above), head=26, planes=470)
    parts, scenes = [key(["<br>".join(above)], y["key"], dark)], dict[str, Any]()
    edge: Dict = {"backgroundcolor": colours.page, "gridcolor": colours.line, "color": colours.soft, "nticks": 5}
    for i, name in enumerate(("scene", "scene2")):
        hill: Dict = {"type": "surface", "scene": name, "x": shown.at, "y": shown.at} | _surface(shown, i)
        hill |= {"colorscale": SCALE, "cmin": shown.ends[0], "cmax": shown.ends[1], "showscale": False}
        head = _head(shown, view, setting, i, ((LEFT, RIGHT)[i][0], y["head"]), dark)
        flat = [*lines[i], *way(view, i)]
        laid = draped(flat, shown.at, shown.values[i], shown.ends, name)
        parts.append(Part([hill, *laid, *_peg(shown, view, i)], notes=[head]))
        scene: Dict = {"domain": {"x": (LEFT, RIGHT)[i], "y": y["planes"]}, "aspectmode": "cube", "camera": CAMERA}
        for letter, what_ in zip("xyz", (named(view, i, "across"), named(view, i, "up"), shown.word), strict=True):
            words = plain(what_).replace(": ", ":<br>")  # a long one leaves the scene
            scene[f"{letter}axis"] = edge | {"title": {"text": words, "font": {"size": 11}}}
        scene["zaxis"] |= {"tickvals": shown.ticks, "ticktext": list(shown.labels), "range": _roomy(shown.ends)}
        scenes[name] = scene
    return compose(parts, height=height, steps=(), y=y, dark=dark).update_layout(scenes)


def _roomy(ends: tuple[float, float]) -> list[float]:
    """Return the ends of an axis with some room: what lies on its very end is drawn with holes."""
    room = ROOM * (ends[1] - ends[0])
    return [ends[0] - room, ends[1] + room]


def _keyed(shown: Height, view: Terrain, legend: Sequence[str]) -> list[str]:
    """Return the lines above a figure: what is drawn, and in one of its own, short enough, what the marks mean."""
    marks = "   ".join([*legend, *recorded(view)])
    return [*shown.title.split("<br>"), *([marks] if marks else [])]


def _tall(lines: Sequence[str]) -> int:
    """Return the height of the lines above a figure, in px."""
    return 4 + 18 * len(lines)


def _surface(shown: Height, i: int) -> Dict:
    """Return heights, and what pointing at them tells; of single precision, which is what is sent to a browser."""
    told = f"{shown.word} %{{customdata:{shown.format}}} at (%{{x:.3g}}, %{{y:.3g}})<extra>{'AB'[i]}</extra>"
    z, data = (values[i].astype(np.float32) for values in (shown.values, shown.told))
    return {"z": z, "customdata": data, "hovertemplate": told}


def _head(
    shown: Height, view: Terrain, setting: Setting, i: int, place: tuple[float, tuple[float, float]], dark: bool
) -> Dict:
    """Return who stands there, and what is drawn in the middle where that is known."""
    colours, centre = palette(dark), view.centre(i)
    name = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(setting.names[i])}</b>", colours.models[i])
    words = "" if centre is None else f"{format(_of(shown, centre), shown.format)} at {view.here}"
    return note(f"{name}   {words}", *place) | {"font": {"size": 14, "color": colours.soft}}


def _span(i: int) -> tuple[float, float]:
    """Return the share of the width that a half has, without the bar."""
    half = (1 - BAR) / 2
    return (0.0, half - 0.012) if i == 0 else (half + 0.012, 1 - BAR)


def _of(shown: Height, losses: Losses) -> float:
    """Return what is drawn of one point."""
    return float((losses.loss if shown.word == "loss" else losses.accuracy)[0])


def _peg(shown: Height, view: Terrain, i: int) -> list[Dict]:
    """Return the mark of the middle on a surface, where that is known."""
    if (centre := view.centre(i)) is None:
        return []
    value = _of(shown, centre)
    z = min(max(float(np.log10(max(value, LEAST))), shown.ends[0]), shown.ends[1]) if shown.word == "loss" else value
    z += 4 * LIFT * (shown.ends[1] - shown.ends[0])  # a mark in the surface is seen by half
    mark = {"size": 5, "color": "#ffffff", "line": {"color": "#000000", "width": 1.5}}
    peg: Dict = {"type": "scatter3d", "scene": ("scene", "scene2")[i], "mode": "markers", "marker": mark}
    told = f"{shown.word} {format(value, shown.format)} at {view.here}<extra>{'AB'[i]}</extra>"
    return [peg | {"x": [0], "y": [0], "z": [z], "hovertemplate": told}]


def guess_of(shown: Height, setting: Setting) -> list[Dict]:
    """Return the line at which the loss is that of guessing, the logarithm of the number of classes; it has no grid."""
    level = float(np.log10(np.log(len(setting.classes))))
    if shown.word != "loss" or not shown.ends[0] < level < shown.ends[1]:
        return []
    line: Dict = {"type": "contour", "showscale": False}
    line |= {"contours": {"start": level, "end": level, "size": 1, "coloring": "none"}}
    return [line | {"line": {"width": 2.5, "color": "#ffffff", "dash": "dash"}, "hoverinfo": "skip"}]


def _lines(shown: Height, setting: Setting, i: int) -> list[Dict]:
    """Return the line of guessing on a model's heights."""
    flat = {"x": shown.at, "y": shown.at, "z": shown.values[i].astype(np.float32)}
    return [line | flat for line in guess_of(shown, setting)]


def _guessed(setting: Setting) -> str:
    return f"╌╌ {np.log(len(setting.classes)):.3g}, the loss of guessing"


def _on(i: int) -> Dict:
    return {"xaxis": ("x", "x2")[i], "yaxis": ("y", "y2")[i]}


def _marks(view: Terrain, i: int) -> list[Dict]:
    """Return the way that training came, and the trained weights' place."""
    here: Dict = {"type": "scatter", "mode": "markers", "x": [0], "y": [0], "cliponaxis": False}
    mark = {"symbol": "circle", "size": 9, "color": "#ffffff", "line": {"color": "#000000", "width": 1.5}}
    here |= {"marker": mark, "hovertemplate": f"{view.here}<extra></extra>"}
    return [trace | _on(i) for trace in (*way(view, i), here)]


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
    across |= {"title": {"text": plain(named(view, i, "across"))}}
    up |= {"title": {"text": plain(named(view, i, "up"))}}
    return {f"xaxis{k}": across, f"yaxis{k}": up}


def bar_of(shown: Height, y: tuple[float, float], dark: bool) -> Dict:
    """Return the bar of colours at the right, with its numbers."""
    bar: Dict = {"x": 1 - BAR + 0.008, "xanchor": "left", "yanchor": "top", "thickness": 12, "y": y[1]}
    bar |= {"len": 0.88 * (y[1] - y[0]), "tickvals": shown.ticks, "ticktext": list(shown.labels), "outlinewidth": 0}
    return bar | {"tickfont": {"color": palette(dark).soft, "size": 12}, "xpad": 0, "ypad": 0}
