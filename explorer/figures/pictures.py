"""The row of pictures: clean, change, under attack, for model A and for model B on one scale."""

import numpy as np

from explorer.figures.frames import Dict, Part
from explorer.figures.images import SEQUENTIAL, Map, change, gain, pixels, sharp
from explorer.figures.outlines import changed, counted, outlines
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import Moment, Side
from explorer.figures.style import LEFT, RIGHT, palette, plain, ramp

GAP = 0.012
SAID = 14  # px, of what is written below a picture
EDGE = 0.02  # of a picture's side: the frame around it


def reach(two: tuple[Side, Side], setting: Setting) -> float:
    """Return the size of change that fills the scale of both models: the largest shown; at least eps in linf."""
    moments = [moment for side in two for moment in (*side.path, side.end)]
    largest = max(float(np.abs(moment.x - two[0].clean.x).max()) for moment in moments)
    return max(largest, setting.budget if setting.norm == "linf" and not setting.limits else 0.0) or 1.0


def pictures(
    two: tuple[Side, Side],
    setting: Setting,
    show_map: Map,
    marks: bool,
    y: tuple[float, float],
    under: tuple[str, str],
    dark: bool,
) -> Part:
    """Return the six pictures as axes 1 to 6, headings above them, what the models say below.

    marks : outline the pixels that changed; under : the heading of the picture under attack, for each model
    """
    scale, colours = reach(two, setting), palette(dark)
    height, width = two[0].clean.x.shape[1:]
    below: Dict = {"type": "scatter", "mode": "markers+text", "x": [width / 2 - 0.5], "y": [height - 0.5]}
    below |= {"marker": {"size": 8, "opacity": 0}, "textposition": "bottom center", "cliponaxis": False}
    below |= {
        "textfont": {"size": SAID, "color": colours.ink},
        "hoverinfo": "skip",
    }  # the marker keeps text off the edge
    part, frame = Part(), _frame((height, width))
    for i, side in enumerate(two):
        for j, heading in enumerate(("clean", _scale(scale, show_map), under[i])):
            k = 3 * i + j + 1
            part.axes.update(_axes(k, _columns(i, j), y, (height, width)))
            part.notes.append(_above(k, heading, colours.soft))
            where, screen = {"xaxis": f"x{k}", "yaxis": f"y{k}"}, _screen(k, (height, width))
            if j == 0:
                part.fixed.append(where | below | {"text": [_said(side, side.clean, setting)]})
                part.stills.append(screen | {"source": sharp(pixels(side.clean.x))})
            else:
                part.moving.append(where | below)
                part.screens.append(screen)
            if j == 2:
                part.moving.append(where | frame)
            else:
                part.fixed.append(where | frame | {"fillcolor": colours.line})

    def at(step: int | None) -> list[Dict]:
        found: list[Dict] = []
        for now, side in ((side.at(step), side) for side in two):
            size = f"{setting.symbol} {setting.length(now.distance)}"
            size = counted(now.x, side.clean.x) if setting.norm == "l0" else size
            said, edge = (colours.adversarial,) * 2 if side.reached_at(now) else (colours.ink, colours.line)
            answer = {"text": [_said(side, now, setting)], "textfont": {"size": SAID, "color": said}}
            found += [{"type": "scatter", **change} for change in ({"text": [size]}, answer, {"fillcolor": edge})]
        return found

    def shown(step: int | None) -> list[Dict]:
        found: list[Dict] = []
        for now, side in ((side.at(step), side) for side in two):
            delta = change(now.x - side.clean.x, scale, show_map)
            over = outlines(changed(now.x, side.clean.x)) if marks else ""
            found += [{"source": sharp(delta)}, {"source": sharp(pixels(now.x), over)}]
        return found

    return Part(part.fixed, part.moving, at, part.screens, shown, part.stills, part.axes, part.notes)


def _said(side: Side, moment: Moment, setting: Setting) -> str:
    """Return the answer and its probability, with a tick or a cross where the truth is known."""
    answer = int(moment.p.argmax())
    mark = "" if side.label < 0 else "✓ " if answer == side.label else "✗ "
    return f"{mark}<b>{plain(setting.classes[answer])}</b> {percent(float(moment.p[answer]))}"


def _scale(scale: float, show_map: Map) -> str:
    """Return the heading of the change: its printed gain, or the ends of its colour scale."""
    if show_map == "signed":
        return f"change × {gain(scale):.3g}"
    colours = ramp(SEQUENTIAL, 9)
    low, high = (f'<span style="color:rgb{colours[i]}">■</span>' for i in (1, -2))
    return f"size {low} 0  {high} {scale:.3g}"


def _columns(i: int, j: int) -> tuple[float, float]:
    """Return where picture j of model i stands across the figure."""
    half = (LEFT, RIGHT)[i]
    width = (half[1] - half[0] - 2 * GAP) / 3
    return half[0] + j * (width + GAP), half[0] + j * (width + GAP) + width


def _axes(k: int, x: tuple[float, float], y: tuple[float, float], shape: tuple[int, int]) -> Dict:
    """Return the axes of one picture: square pixels, the first row on top."""
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "fixedrange": True, "constrain": "domain"}
    return {
        f"xaxis{k}": bare | {"domain": x, "anchor": f"y{k}", "range": _span(shape[1])},
        f"yaxis{k}": bare
        | {"domain": y, "anchor": f"x{k}", "range": _span(shape[0])[::-1], "scaleanchor": f"x{k}"}
        | {"constraintoward": "top"},
    }


def _frame(shape: tuple[int, int]) -> Dict:
    """Return the square that a picture lies on: what it leaves free frames it."""
    (top, bottom), (left, right) = _span(shape[0]), _span(shape[1])
    corners = {"x": [left, right, right, left], "y": [top, top, bottom, bottom]}
    return {"type": "scatter", "mode": "lines", "fill": "toself", "line": {"width": 0}, "hoverinfo": "skip"} | corners


def _span(count: int) -> tuple[float, float]:
    """Return the ends of an axis of so many pixels, with room for the frame."""
    return -0.5 - EDGE * count, count - 0.5 + EDGE * count


def _above(k: int, heading: str, colour: str) -> Dict:
    n = "" if k == 1 else k  # plotly.js knows no "x1 domain"
    place = {"xref": f"x{n} domain", "yref": f"y{n} domain", "x": 0.5, "y": 1, "yanchor": "bottom"}
    return place | {"text": heading, "showarrow": False, "font": {"size": 13, "color": colour}}


def _screen(k: int, shape: tuple[int, int]) -> Dict:
    n = "" if k == 1 else k
    where = {"xref": f"x{n}", "yref": f"y{n}", "x": -0.5, "y": -0.5, "sizex": shape[1], "sizey": shape[0]}
    return where | {"sizing": "stretch", "xanchor": "left", "yanchor": "top"}
