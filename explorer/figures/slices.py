"""One plane through input space, model A's regions beside model B's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array, Slice, SliceView
from explorer.figures.borders import borders, centres
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.images import encode, uri
from explorer.figures.regions import tint
from explorer.figures.setting import Setting, percent
from explorer.figures.stroll import ground, stroll
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain

TICKS = 0.05  # share of the width for an axis' numbers
HOVERED = 101  # places each way, at most, at which hovering tells what is there
NAMED = 12  # places to all sides that a region needs to be named where it lies
LINE = 7  # classes named on one line of the key


def slices(view: SliceView, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw the plane as model A (left) and model B (right) see it, on equal scales.

    Regions are coloured by class, the stronger the surer; lines are decision boundaries.
    """
    present = [c for c in range(len(setting.classes)) if any((one.labels == c).any() for one in (view.a, view.b))]
    lines = -(-len(present) // LINE)
    pictures = view.section.origin.ndim == 3
    height, y = rows(head=30, key=20 * lines + 4, marks=24, probe=104 * pictures, planes=470, ticks=52)
    parts = [_keys(view, setting, present, y, dark)]
    for i, found in enumerate((view.a, view.b)):
        parts += [_head(found, setting, i, y["head"], dark), _regions(found, setting, i, dark)]
        parts += [_lines(view, found, setting, i, dark), _frame(view, setting, i, y["planes"])]
    if not pictures:
        return compose(parts, height=height, steps=(), y=y, dark=dark)
    figure = compose([*parts, stroll(view, setting, y["probe"], dark)], height=height, steps=(), y=y, dark=dark)
    return figure.update_layout(meta=ground(view, setting, y["probe"]))


def place(at: Array, setting: Setting) -> Array:
    """Return places in the unit of the axes: the data's own."""
    return np.asarray(at, np.float64) * setting.unit


def _head(found: Slice, setting: Setting, i: int, y: tuple[float, float], dark: bool) -> Part:
    name = f'<span style="color:{palette(dark).models[i]}">{SIGNS[i]} {"AB"[i]} · {plain(setting.names[i])}</span>'
    asked = f"asked at {found.asked:,} of {found.labels.size:,} places"
    return Part(notes=[_note(f"<b>{name}</b>   {asked}", (LEFT, RIGHT)[i][0], y, dark)])


def _keys(
    view: SliceView, setting: Setting, present: Sequence[int], y: dict[str, tuple[float, float]], dark: bool
) -> Part:
    """Return the names of the classes that the plane shows, and what the marks mean."""
    colours = palette(dark)
    words = [f'<span style="color:{colours.classes[c % 10]}">■</span> {plain(setting.classes[c])}' for c in present]
    text = "<br>".join("   ".join(words[i : i + LINE]) for i in range(0, len(words), LINE))
    marks = ["○ the picture", f'<span style="color:{colours.adversarial}">★</span> under attack', "— decision boundary"]
    marks += ["╌╌ budget within [0, 1]"] if view.outlines is not None else []
    return Part(notes=[_note(text, 0, y["key"], dark), _note("   ".join(marks), 0, y["marks"], dark)])


def _regions(found: Slice, setting: Setting, i: int, dark: bool) -> Part:
    """Return the regions as a picture below the axes, the classes' names, and what hovering tells."""
    side, k, count = len(found.labels), i + 1, len(setting.classes)
    across, up = (place(ticks, setting) for ticks in found.section.ticks(side))
    n, cell = "" if k == 1 else k, (across[1] - across[0], up[1] - up[0])
    still: Dict = {"xref": f"x{n}", "yref": f"y{n}", "x": across[0] - cell[0] / 2, "y": up[-1] + cell[1] / 2}
    still |= {"sizex": side * cell[0], "sizey": side * cell[1], "xanchor": "left", "yanchor": "top"}
    still |= {"sizing": "stretch", "layer": "below"}
    still["source"] = uri(encode(tint(found.labels, found.confidence, count, dark)[::-1]))
    notes: list[Dict] = []
    for c, (row, column) in centres(found.labels, NAMED * side // 201).items():
        note: Dict = {"xref": f"x{n}", "yref": f"y{n}", "x": across[column], "y": up[row], "showarrow": False}
        note |= {"text": plain(setting.classes[c]), "font": {"size": 13, "color": palette(dark).ink}}
        notes.append(note | {"bgcolor": palette(dark).page, "opacity": 0.85, "borderpad": 2})
    return Part([_told(found, setting, k)], stills=[still], notes=notes)


def _told(found: Slice, setting: Setting, k: int) -> Dict:
    """Return what hovering tells: an unseen map of the margins."""
    step = max(1, (len(found.labels) - 1) // (HOVERED - 1))
    labels, margin, sure = (part[::step, ::step] for part in (found.labels, found.margin, found.confidence))
    s, t = (ticks[::step] for ticks in found.section.ticks(len(found.labels)))
    far = found.section.length(np.stack(np.meshgrid(s, t), axis=-1).reshape(-1, 2)).reshape(margin.shape)
    names = np.array([plain(name) for name in setting.classes])[labels]
    custom = np.stack([100 * sure.astype(np.float32), place(far, setting)], axis=-1)
    unit, symbol = setting.unit, SYMBOLS[found.section.norm]
    hover = (
        "%{text}, sure at %{customdata[0]:.0f} %<br>margin %{z:.2f}<br>"
        f"place (%{{x:.3g}}, %{{y:.3g}})/{unit}<br>%{{customdata[1]:.3g}}/{unit} from the picture ({symbol})"
        f"<extra>{'AB'[k - 1]}</extra>"
    )
    name = f"{SIGNS[k - 1]} {'AB'[k - 1]} · {plain(setting.names[k - 1])}"
    unseen = {"type": "heatmap", "opacity": 0, "showscale": False, "hovertemplate": hover, "name": name}
    unseen |= {"meta": "plane"} if found.section.origin.ndim == 3 else {}
    where = {"xaxis": f"x{k}", "yaxis": f"y{k}", "x": place(s, setting), "y": place(t, setting)}
    return unseen | where | {"z": margin.astype(np.float32), "text": names, "customdata": custom.astype(np.float32)}


def _lines(view: SliceView, found: Slice, setting: Setting, i: int, dark: bool) -> Part:
    """Return the decision boundary, the outlines and the marks."""
    colours = palette(dark)
    where: Dict = {"type": "scatter", "xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}"}
    across, up = (place(ticks, setting) for ticks in found.section.ticks(len(found.labels)))
    u, v = borders(found.labels, found.margin, across, up)
    traces = [where | {"mode": "lines", "x": u, "y": v, "line": {"color": colours.ink, "width": 1.6}}]
    traces[0] |= {"hoverinfo": "skip"}
    if view.outlines is not None:
        corners = place(view.outlines.both, setting)
        closed = np.concatenate([corners, corners[:1]])
        line = {"color": colours.budget, "width": 2, "dash": "dash"}
        traces.append(where | {"mode": "lines", "x": closed[:, 0], "y": closed[:, 1], "line": line})
        traces[-1] |= {"hoverinfo": "skip"}
    for name, at in found.section.marks.items():
        u, v = place(at, setting)
        told = {"x": [u], "y": [v], "mode": "markers", "text": [name], "hovertemplate": "%{text}<extra></extra>"}
        traces.append(where | told | {"marker": _mark(name, dark)})
    return Part(traces)


def _mark(name: str, dark: bool) -> Dict:
    colours = palette(dark)
    if name.startswith("attack"):
        line = {"color": colours.page, "width": 1}
        return {"size": 14, "color": colours.adversarial, "symbol": "star", "line": line}
    return {"size": 12, "color": colours.page, "line": {"color": colours.ink, "width": 2.5}}


def _frame(view: SliceView, setting: Setting, i: int, y: tuple[float, float]) -> Part:
    """Return one plane's axes."""
    section, k, half = view.section, i + 1, (LEFT, RIGHT)[i]
    left, right, bottom, top = place(section.window, setting)
    unit = f"{SYMBOLS[section.norm]}, 1/{setting.unit}"
    axis = {"nticks": 6, "showgrid": False, "showline": True, "mirror": True, "constrain": "domain", "zeroline": False}
    across: Dict = {"domain": [half[0] + TICKS, half[1]], "anchor": f"y{k}", "range": [left, right]}
    across |= {"title": {"text": f"{plain(section.names['across'])} ({unit})"}, "constraintoward": "left"}
    up: Dict = {"domain": y, "anchor": f"x{k}", "scaleanchor": f"x{k}", "range": [bottom, top]}
    up |= {"title": {"text": plain(section.names["up"])}, "constraintoward": "top"}
    return Part(axes={f"xaxis{k}": axis | across, f"yaxis{k}": axis | up})


def _note(text: str, x: float, y: tuple[float, float], dark: bool) -> Dict:
    note: Dict = {"xref": "paper", "yref": "paper", "x": x, "y": y[1], "xanchor": "left", "yanchor": "top"}
    note |= {"text": text, "align": "left", "showarrow": False, "borderpad": 0}
    return note | {"font": {"size": 12.5, "color": palette(dark).soft}}


def told(view: SliceView, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what the plane shows, a sentence each."""
    found = []
    for name, one, ahead in zip(setting.names, (view.a, view.b), (view.ahead_a, view.ahead_b), strict=True):
        said = setting.classes[int(ahead.labels[0])]
        sure = percent(float(one.confidence.max()))
        found.append(
            f"The {name} model says '{said}' of the picture; on the plane it has "
            f"{len(np.unique(one.labels))} classes, and is sure at most at {sure}."
        )
    return [*found, view.section.note] if view.section.note else found
