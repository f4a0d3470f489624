"""Certified envelopes on a plane through the picture, as the ball that they are made for grows."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Envelope, Envelopes
from explorer.figures.borders import borders
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import ROOM
from explorer.figures.headings import dyed, key, note
from explorer.figures.images import encode, uri
from explorer.figures.lineup import Mark, lineup
from explorer.figures.methods import Method
from explorer.figures.regions import tint
from explorer.figures.setting import Setting
from explorer.figures.style import LEFT, RIGHT, palette, plain

RAIL = (ROOM, 1.0)  # of the width: the lower panel and its slider


def enveloped(view: Envelopes, setting: Setting, methods: Mapping[str, Method], *, dark: bool = False) -> go.Figure:
    """Draw both models' regions, budget, certified balls and envelopes, and below what each tried ball certifies.

    The slider and the buttons move through the tried balls; as first drawn, it is the one nearest to the budget.
    """
    models, marks = list(view.models.values()), lineup(setting.names[: len(view.models)], dark)
    tried = max((one.tried for one in models), key=len)
    height, y = rows(
        key=44, head=44, planes=400, ticks=52, above=24, curve=170, slider=24, air=66, buttons=38
    )  # fmt: skip
    parts = [key(["<br>".join("   ".join(line) for line in _words(view, setting, marks, dark))], y["key"], dark)]
    start = _nearest(tried, setting.budget)
    for i, (name, one) in enumerate(view.models.items()):
        parts += [_head(one, setting, marks[i], i, y["head"], start, dark), _plane(one, view, setting, i, y, dark)]
        parts.append(_proved(view, name, setting, methods, marks[i], i))
        parts.append(_moving(one, view.held.get(name, {}), view.balls, setting, marks[i], i, start, dark))
    if len(tried):
        parts.append(_curve(models, setting, marks, tried, y, start, dark))
    bests = [(f"{'AB'[i]} best", int(one.radius.argmax())) for i, one in enumerate(models) if len(one.radius)]
    steps = list(range(len(tried)))
    figure = compose(parts, height=height, steps=steps, jumps=bests, rail=RAIL, y=y, dark=dark)
    if steps:
        figure.layout.updatemenus[-1].buttons[-1].label = "At the budget"
        figure.layout.sliders[0].active = start
    return figure


def _nearest(tried: Array, budget: float) -> int:
    return int(np.abs(tried - budget).argmin()) if len(tried) else 0


def _words(view: Envelopes, setting: Setting, marks: list[Mark], dark: bool) -> list[list[str]]:
    colours = palette(dark)
    both = "".join(dyed("━", mark.colour) for mark in marks)
    first = [f"{dyed('■', colours.classes[c % 10])} {plain(setting.classes[c])}" for c in _shown(view)]
    second = ["<b>—</b> boundary", "╌╌ budget", "···· the ball that is tried", f"{both} certified by its envelope"]
    shades = "".join(dyed("▨", mark.colour) for mark in marks)
    return [first, [*second, f"{shades} the envelope", "thin: proved by other methods"]]


def _shown(view: Envelopes) -> list[int]:
    return sorted({int(c) for one in view.models.values() for c in np.unique(one.seen.labels)})


def _head(one: Envelope, setting: Setting, mark: Mark, i: int, y: tuple[float, float], start: int, dark: bool) -> Part:
    name = dyed(f"<b>{mark.sign} · {plain(mark.name)}</b>", mark.colour)
    words = plain(one.sentence) if one.sentence else ""
    if len(one.radius):
        best = int(one.radius.argmax())
        words = f"certified {_short(one.radius[best], setting)}, by the ball of {_short(one.tried[best], setting)}"
    lines = [words[at : at + 78] for at in range(0, len(words), 78)][:2]
    font = {"size": 13, "color": palette(dark).ink}
    return Part(notes=[note("<br>".join([name, *lines[:1]]), (LEFT, RIGHT)[i][0] + ROOM, y) | {"font": font}])


def _short(value: float, setting: Setting) -> str:
    return f"{value * setting.unit:.3g}/{setting.unit}"


def _plane(
    one: Envelope, view: Envelopes, setting: Setting, i: int, y: Mapping[str, tuple[float, float]], dark: bool
) -> Part:
    """Return the regions of the classes, the boundary between them, the budget and the picture."""
    seen, section, colours, k = one.seen, one.seen.section, palette(dark), i + 1
    n = "" if k == 1 else k
    s, t = (ticks * setting.unit for ticks in section.ticks(len(seen.labels)))
    cell = s[1] - s[0], t[1] - t[0]
    still: Dict = {"xref": f"x{n}", "yref": f"y{n}", "x": s[0] - cell[0] / 2, "y": t[-1] + cell[1] / 2}
    still |= {"sizex": s[-1] - s[0] + cell[0], "sizey": t[-1] - t[0] + cell[1], "sizing": "stretch", "layer": "below"}
    still["source"] = uri(encode(tint(seen.labels, seen.confidence, len(setting.classes), dark)[::-1]))
    u, v = borders(seen.labels, seen.margin, s, t)
    on = _on(k)
    fixed = [_line(u, v, colours.ink, 1.6) | on]
    if view.budget is not None and len(view.budget.both):
        fixed.append(_ring(view.budget.both * setting.unit, colours.budget, 2, "dash") | on)
    spot = {"size": 11, "color": colours.page, "line": {"color": colours.ink, "width": 2.5}}
    here: Dict = {"type": "scatter", "mode": "markers", "x": [0], "y": [0], "marker": spot}
    fixed.append(here | on | {"hovertemplate": "the picture<extra></extra>"})
    axis: Dict = {"showgrid": False, "showline": True, "mirror": True, "nticks": 6, "constrain": "domain"}
    half = (LEFT, RIGHT)[i]
    across: Dict = {"domain": [half[0] + ROOM, half[1]], "anchor": f"y{k}", "range": [float(s[0]), float(s[-1])]}
    across |= {"title": {"text": f"{plain(section.names['across'])}, in 1/{setting.unit}"}, "constraintoward": "left"}
    up: Dict = {"domain": y["planes"], "anchor": f"x{k}", "scaleanchor": f"x{k}", "range": [float(t[0]), float(t[-1])]}
    up |= {"title": {"text": plain(section.names["up"])}, "constraintoward": "top"}
    axes = {f"xaxis{k}": axis | across, f"yaxis{k}": axis | up}
    return Part(fixed, stills=[still | {"xanchor": "left", "yanchor": "top"}], axes=axes)


def _proved(view: Envelopes, name: str, setting: Setting, methods: Mapping[str, Method], mark: Mark, i: int) -> Part:
    """Return the outlines of what other methods prove."""
    part = Part()
    for method, corners in view.rings.get(name, {}).items():
        if method not in methods or not methods[method].proves or method == "envelope" or not len(corners):
            continue
        ring = _ring(corners * setting.unit, mark.colour, 1) | _on(i + 1)
        part.fixed.append(ring | {"hovertemplate": f"proved by {plain(methods[method].title)}<extra></extra>"})
    return part


def _moving(
    one: Envelope,
    held: Mapping[str, Array],
    balls: Mapping[str, Array],
    setting: Setting,
    mark: Mark,
    i: int,
    start: int,
    dark: bool,
) -> Part:
    """Return the ball that is tried, its envelope and what that certifies, which change with the ball."""
    on = _on(i + 1)
    silent: Dict = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"} | on
    polygon = silent | {"fill": "toself", "fillcolor": mark.colour, "opacity": 0.4}
    moving = [
        polygon | {"line": {"color": mark.colour, "width": 1}},
        silent | {"line": {"color": mark.colour, "width": 3}},
        silent | {"line": {"color": palette(dark).ink, "width": 1.5, "dash": "dot"}},
    ]

    def at(step: int | None) -> list[Dict]:
        t = start if step is None else step
        empty = np.empty((0, 2))
        known = t < len(one.tried)
        shapes = [one.polygon(t) if known else empty, held.get(str(t), empty), balls.get(str(t), empty)]
        return [{"type": "scatter", **_places(shape * setting.unit)} for shape in shapes]

    return Part(moving=moving, at=at)


def _curve(
    models: list[Envelope],
    setting: Setting,
    marks: list[Mark],
    tried: Array,
    y: Mapping[str, tuple[float, float]],
    start: int,
    dark: bool,
) -> Part:
    """Return the certified distance against the ball that was tried, the diagonal, and where the slider is."""
    colours, on, x = palette(dark), _on(3), tried * setting.unit
    most = float(x[-1])
    part = Part([_line([0, most], [0, most], colours.soft, 1.5, "dot") | on])
    for mark, one in zip(marks, models, strict=True):
        if not len(one.radius):
            continue
        line: Dict = {"type": "scatter", "mode": "lines+markers", "x": x, "y": one.radius * setting.unit}
        symbols = [mark.symbol if whole else f"{mark.symbol}-open" for whole in one.whole]
        look = {"line": {"color": mark.colour, "width": 2.5}, "marker": {"size": 8, "symbol": symbols}}
        told = f"the ball of %{{x:.3g}} certifies %{{y:.3g}}<extra>{mark.sign} {plain(mark.name)}</extra>"
        part.fixed.append(line | on | look | {"hovertemplate": told})
    part.moving.append(_line([], [], colours.ink, 2) | on)

    def at(step: int | None) -> list[Dict]:
        here = float(x[start if step is None else step])
        return [{"type": "scatter", "x": [here, here], "y": [0, most]}]

    words = "<b>Certified distance</b> against the ball that is tried; filled, and on the dotted line: all of the ball"
    part.notes.append(note(words, RAIL[0], y["above"]) | {"font": {"size": 12.5, "color": colours.soft}})
    across = {"domain": list(RAIL), "anchor": "y3", "fixedrange": True, "nticks": 8}
    across |= {"range": [float(x[0]), 2 * most - float(x[-2])], "ticklabelstandoff": 22}  # the slider has one stop more
    up = {"domain": y["curve"], "anchor": "x3", "fixedrange": True, "nticks": 4, "range": [0, most * 1.02]}
    axes = {"xaxis3": across | {"title": {"text": f"radius of the ball, in 1/{setting.unit}", "standoff": 30}}}
    axes |= {"yaxis3": up | {"title": {"text": f"in 1/{setting.unit}"}}}
    return Part(part.fixed, part.moving, at, axes=axes, notes=part.notes)


def _on(k: int) -> Dict:
    return {"xaxis": f"x{k}", "yaxis": f"y{k}"}


def _line(x: object, y: object, colour: str, width: float, dash: str = "solid") -> Dict:
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _places(corners: Array) -> Dict:
    u, v = np.concatenate([corners, corners[:1]]).T.round(4)
    return {"x": u.tolist(), "y": v.tolist()}


def _ring(corners: Array, colour: str, width: float, dash: str = "solid") -> Dict:
    return {"type": "scatter", "mode": "lines", "line": {"color": colour, "width": width, "dash": dash}} | {
        **_places(corners),
        "hoverinfo": "skip",
    }
