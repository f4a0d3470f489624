"""One figure out of parts, with its replay inside it: frames, a slider and buttons, no server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from explorer.figures.style import palette, template

Dict = dict[str, Any]
END = "result"  # the name of the last frame, which is also the figure as first drawn
LIMIT = 41
STEPS = ("‹ Step", "Step ›")  # plotly.js cannot: replay.js listens for these
EDGE = 10  # px that plotly.js keeps free at both ends of a slider's rail


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A piece of a figure.

    fixed : traces that never change; moving : what is constant about those that do
    at : step (None: the outcome) -> what changes about each moving trace
    screens, shown : the same for pictures; stills : pictures that never change
    axes, notes, shapes : its share of the layout
    """

    fixed: list[Dict] = field(default_factory=list)
    moving: list[Dict] = field(default_factory=list)
    at: Callable[[int | None], list[Dict]] = lambda step: []
    screens: list[Dict] = field(default_factory=list)
    shown: Callable[[int | None], list[Dict]] = lambda step: []
    stills: list[Dict] = field(default_factory=list)
    axes: Dict = field(default_factory=dict)
    notes: list[Dict] = field(default_factory=list)
    shapes: list[Dict] = field(default_factory=list)


def rows(**heights: int) -> tuple[int, dict[str, tuple[float, float]]]:
    """Return the height of all rows in px, and each row's (low, high) share of it; the first is on top."""
    total, top, found = sum(heights.values()), 0, {}
    for name, height in heights.items():
        found[name] = (1 - (top + height) / total, 1 - top / total)
        top += height
    return total, found


def chosen_steps(count: int, keep: Sequence[int | None], limit: int = LIMIT) -> list[int]:
    """Return at most `limit` of `count` steps: the first, the last, those to keep, the others evenly spread."""
    if count <= limit:
        return list(range(count))
    wanted = {0, count - 1, *(step for step in keep if step is not None)}
    free = limit - len(wanted)
    return sorted(wanted | {round(i * (count - 1) / (free + 1)) for i in range(1, free + 1)})


def compose(
    parts: Sequence[Part],
    *,
    height: int,
    steps: Sequence[int],
    jumps: Sequence[tuple[str, int]] = (),
    views: Sequence[tuple[str, Dict]] = (),
    rail: tuple[float, float] = (0.0, 1.0),
    y: Mapping[str, tuple[float, float]],
    dark: bool,
) -> go.Figure:
    """Return the figure of some parts, drawn as it ends, with a frame for each of `steps` and one for the end.

    jumps : (label, step), views : (label, changes of the layout), of a button each
    rail : where the slider's first and last step are, across
    y : (low, high) of the rows "buttons" and "slider", and of others
    """
    fixed = [trace for part in parts for trace in part.fixed]
    moving = [trace for part in parts for trace in part.moving]
    screens = [screen for part in parts for screen in part.screens]
    layout: Dict = {"template": template(dark), "height": height + 16}
    layout["images"] = _joined(screens, _shown(parts, None)) + [still for part in parts for still in part.stills]
    layout["annotations"] = [note for part in parts for note in part.notes]
    layout["shapes"] = [shape for part in parts for shape in part.shapes]
    for part in parts:
        layout |= part.axes
    data = fixed + _joined(moving, _changes(parts, None))
    layout["updatemenus"] = [_row(_turns(views), 1, y["buttons"], dark)] if views else []
    if not steps:
        return go.Figure(data=data, layout=layout)
    untouched = [{"type": trace["type"]} for trace in fixed]  # plotly.js hides, for a moment, traces a frame leaves out
    moments = [(str(step), step) for step in steps] + [(END, None)]
    frames = [
        {"name": name, "data": untouched + _changes(parts, step), "layout": {"images": _shown(parts, step)}}
        for name, step in moments
    ]
    layout["sliders"] = [_slider([name for name, _ in moments], rail, y["slider"], dark)]
    layout["updatemenus"].append(_row(_plays(jumps), 0, y["buttons"], dark))
    return go.Figure(data=data, layout=layout, frames=frames)


def _joined(constant: list[Dict], changes: list[Dict]) -> list[Dict]:
    return [style | change for style, change in zip(constant, changes, strict=True)]


def _changes(parts: Sequence[Part], step: int | None) -> list[Dict]:
    return [change for part in parts for change in part.at(step)]


def _shown(parts: Sequence[Part], step: int | None) -> list[Dict]:
    return [screen for part in parts for screen in part.shown(step)]


def _animate(names: list[str | None] | None, duration: int, **mode: bool) -> Dict:
    frame = {"duration": duration, "redraw": names != [None]}
    return {"method": "animate", "args": [names, {"mode": "immediate", "frame": frame, "transition": NOW, **mode}]}


NOW = {"duration": 0}


def _slider(names: list[str], rail: tuple[float, float], y: tuple[float, float], dark: bool) -> Dict:
    colours = palette(dark)
    return {
        "active": len(names) - 1,
        "x": rail[0],
        "len": rail[1] - rail[0],
        "y": y[1],
        "yanchor": "top",
        "pad": {"l": -EDGE, "r": -EDGE, "t": 0, "b": 0},
        "currentvalue": {"visible": False},  # the line across the margins says it
        "font": {"size": 1, "color": "rgba(0,0,0,0)"},
        "bgcolor": colours.line,
        "activebgcolor": colours.soft,
        "bordercolor": colours.soft,
        "ticklen": 0,
        "minorticklen": 0,
        "steps": [{"label": name, **_animate([name], 0)} for name in names],
    }


def _plays(jumps: Sequence[tuple[str, int]]) -> list[Dict]:
    return [
        {"label": "▶ Play", **_animate(None, 180, fromcurrent=True)},
        {"label": "Slow", **_animate(None, 900, fromcurrent=True)},
        {"label": "Pause", **_animate([None], 0)},
        *({"label": label, "method": "skip"} for label in STEPS),
        {"label": "Start", **_animate(["0"], 0)},
        *({"label": label, **_animate([str(step)], 0)} for label, step in jumps),
        {"label": "Result", **_animate([END], 0)},
    ]


def _turns(views: Sequence[tuple[str, Dict]]) -> list[Dict]:
    return [{"label": label, "method": "relayout", "args": [change]} for label, change in views]


def _row(buttons: list[Dict], x: int, y: tuple[float, float], dark: bool) -> Dict:
    """Return a row of buttons at the left (x = 0) or at the right (x = 1)."""
    colours = palette(dark)
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": x,
        "xanchor": ("left", "right")[x],
        "y": y[1],
        "yanchor": "top",
        "pad": {"l": 0, "t": 0, "r": 0, "b": 0},
        "bgcolor": colours.page,
        "bordercolor": colours.line,
        "font": {"size": 13, "color": colours.ink},
        "buttons": buttons,
    }
