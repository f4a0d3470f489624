"""One plane through input space, model A's regions beside model B's."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from explorer.core.norms import SYMBOLS
from explorer.core.results import SliceView
from explorer.figures.folding import legend
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.half import Half
from explorer.figures.headings import MARKS, dyed, key, note
from explorer.figures.layers import LAYERS, away, hover
from explorer.figures.setting import Setting
from explorer.figures.slicing import close, thing
from explorer.figures.stroll import ground, stroll
from explorer.figures.style import LEFT, RIGHT, palette, plain

TICKS = 0.065  # share of the width for an axis' numbers
LINE = 8  # names of classes on one line of the key


def slices(view: SliceView, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw the plane as model A (left) and model B (right) see it, on equal scales.

    show : the layers that are on (see `explorer.figures.layers`), and how far training pictures may be off the plane
    """
    classes = _classes(view, setting, show, dark)
    pictures = view.section.origin.ndim == 3
    height, y = rows(key=19 * len(classes) + 3, marks=24, probe=104 * pictures, head=26, planes=426, ticks=50)
    parts = [key(["<br>".join(classes)], y["key"], dark), key(_legend(view, show, dark), y["marks"], dark)]
    halves = [Half(view, setting, show, i, dark) for i in range(2)]
    far = away(halves[0])
    for half in halves:
        parts += [_head(half, y["head"]), _axes(half, y["planes"]), hover(half, far)]
        parts += [layer(half) for name, layer in LAYERS.items() if show[name] or name == "folds"]
    if not pictures:
        return compose(parts, height=height, steps=(), y=y, dark=dark)
    figure = compose([*parts, stroll(view, setting, y["probe"], dark)], height=height, steps=(), y=y, dark=dark)
    return figure.update_layout(meta=ground(view, setting, y["probe"]))


def _head(half: Half, y: tuple[float, float]) -> Part:
    asked = f"asked at {half.found.asked:,} points" if half.found.step > 1 else "asked everywhere"
    text = f"<b>{dyed(half.name, half.colours.models[half.i])}</b>   {asked}"
    font = {"size": 14, "color": half.colours.soft}
    return Part(notes=[note(text, (LEFT, RIGHT)[half.i][0] + TICKS, y) | {"font": font}])


def _classes(view: SliceView, setting: Setting, show: Mapping[str, Any], dark: bool) -> list[str]:
    """Return the names of the classes that the plane shows, in lines."""
    colours = palette(dark).classes
    known = {int(c) for one in (view.a, view.b) for c in set(one.labels.ravel().tolist())}
    if show["neighbours"] and view.near is not None:
        known |= set(view.near.labels[close(view.near, show)[0]].tolist())
    words = [f"{dyed(MARKS[c % 10], colours[c % 10])} {plain(setting.classes[c])}" for c in sorted(known)]
    return ["   ".join(words[i : i + LINE]) for i in range(0, len(words), LINE)]


def _legend(view: SliceView, show: Mapping[str, Any], dark: bool) -> list[str]:
    """Return what the marks and lines of the layers mean that are on."""
    red, near = palette(dark).adversarial, view.near is not None
    words = [f"○ {thing(view)}", f"{dyed('★', red)} under attack"] if show["marks"] else []
    words += [f"{dyed('•–•', red)} its steps"] if show["trail"] and view.trail_a is not None else []
    words += [f"small: training {thing(view)}s"] if show["neighbours"] and near else []
    words += ["╌╌ budget", "▭ values in [0, 1]"] if show["outlines"] and view.outlines is not None else []
    words += ["<b>—</b> boundary"] if show["regions"] else []
    words += ["— equal margin"] if show["contours"] else []
    return words + legend(view)


def _axes(half: Half, y: tuple[float, float]) -> Part:
    section, k, span = half.view.section, half.i + 1, (LEFT, RIGHT)[half.i]
    left, right, bottom, top = half.place(section.window).tolist()
    unit = f"in 1/{half.setting.unit}, {SYMBOLS[section.norm]}"
    axis: Dict = {"nticks": 6, "showgrid": False, "showline": True, "mirror": True, "constrain": "domain"}
    across: Dict = {"domain": [span[0] + TICKS, span[1]], "anchor": f"y{k}", "range": [left, right]}
    across |= {"title": {"text": f"{plain(section.names['across'])}, {unit}"}, "constraintoward": "left"}
    up: Dict = {"domain": y, "anchor": f"x{k}", "scaleanchor": f"x{k}", "range": [bottom, top]}
    up |= {"title": {"text": plain(section.names["up"])}, "constraintoward": "top"}
    return Part(axes={f"xaxis{k}": axis | across, f"yaxis{k}": axis | up})
