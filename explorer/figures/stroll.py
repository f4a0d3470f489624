"""The picture at a place of a plane, and what both models say there: first at the origin, then wherever one points."""

from base64 import b64encode
from typing import Any

import numpy as np

from explorer.core.results import SliceView
from explorer.figures.frames import Dict, Part
from explorer.figures.images import pixels, sharp
from explorer.figures.setting import Setting
from explorer.figures.style import SIGNS, palette, plain

HINT = "Point at the plane,<br>or use the arrow keys:<br>the picture there, and<br>what each model says."


def stroll(view: SliceView, setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return the row that shows the picture at the origin of a plane of pictures; probe.js goes on from there.

    y : the row's low and high end, as shares of the figure's height
    """
    colours, middle = palette(dark), (y[0] + y[1]) / 2
    where: Dict = {"xref": "paper", "yref": "paper", "x": 0.5, "y": middle, "xanchor": "center", "yanchor": "middle"}
    still = where | {"sizex": 0.2, "sizey": y[1] - y[0], "source": sharp(pixels(view.section.origin))}
    notes: list[Dict] = []
    for i, name in enumerate(setting.names):
        side = {"x": 0.42, "xanchor": "right"} if i == 0 else {"x": 0.58, "xanchor": "left"}
        head = f'<span style="color:{colours.models[i]}">{SIGNS[i]} {"AB"[i]} · {plain(name)}</span>'
        said = setting.classes[int((view.ahead_a, view.ahead_b)[i].labels[0])]
        notes.append(where | side | {"text": f"{head}: {plain(said)}", "showarrow": False, "font": {"size": 13}})
    hint = where | {"x": 0, "xanchor": "left", "text": HINT, "showarrow": False, "align": "left"}
    return Part(stills=[still], notes=[*notes, hint | {"font": {"size": 12, "color": colours.soft}}])


def ground(view: SliceView, setting: Setting, y: tuple[float, float]) -> dict[str, Any]:
    """Return what probe.js makes pictures from, to be the figure's `layout.meta`: each float32, in base64."""
    section = view.section
    parts = {name: getattr(section, name) for name in ("origin", "across", "up")}
    packed = {name: b64encode(np.ascontiguousarray(part, "<f4").tobytes()).decode() for name, part in parts.items()}
    return packed | {"shape": list(section.origin.shape), "unit": setting.unit, "room": list(y)}
