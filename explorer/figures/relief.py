"""The margin over a plane as a surface in three dimensions, model A's beside model B's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import SliceView
from explorer.figures.borders import borders
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.half import Half
from explorer.figures.headings import dyed, note
from explorer.figures.setting import Setting
from explorer.figures.style import LEFT, RIGHT, plain

CAMERA = {"eye": {"x": -1.35, "y": -1.55, "z": 1.1}, "center": {"x": 0, "y": 0, "z": -0.12}}


def relief(view: SliceView, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw the margin as height over the plane: where the surface comes down to the floor, the answer changes."""
    height, y = rows(head=26, planes=460)
    most = max(float(one.margin.max()) for one in (view.a, view.b))
    halves = [Half(view, setting, show, i, dark) for i in range(2)]
    figure = compose([_surfaces(half, y["head"]) for half in halves], height=height, steps=(), y=y, dark=dark)
    for half in halves:
        figure.update_layout({("scene", "scene2")[half.i]: _scene(half, most, y["planes"])})
    return figure


def _surfaces(half: Half, y: tuple[float, float]) -> Part:
    """Return a surface for each class, the boundary on the floor, and the picture."""
    scene, found = ("scene", "scene2")[half.i], half.found
    across, up = half.ticks(half.step)
    labels, margin = found.labels[:: half.step, :: half.step], found.margin[:: half.step, :: half.step]
    traces: list[Dict] = []
    for c in np.unique(labels).tolist():
        z = np.where(labels == c, margin.astype(np.float32), np.float32(np.nan))
        colour, name = half.colours.classes[c % 10], plain(half.setting.classes[c])
        told = f"<b>{name}</b>, margin %{{z:.2f}}<br>place (%{{x:.3g}}, %{{y:.3g}})<extra>{'AB'[half.i]}</extra>"
        flat = {"colorscale": [[0, colour], [1, colour]], "showscale": False, "hovertemplate": told}
        traces.append({"type": "surface", "scene": scene, "x": across, "y": up, "z": z} | flat)
    u, v = borders(found.labels, found.margin, *half.ticks())
    line = {"color": half.colours.ink, "width": 3}
    floor = {"type": "scatter3d", "scene": scene, "mode": "lines", "line": line, "hoverinfo": "skip"}
    traces.append(floor | {"x": u, "y": v, "z": np.zeros(len(u))})
    row, column = (int(np.abs(ticks).argmin()) for ticks in (up, across))
    mark = {"size": 6, "color": half.colours.page, "line": {"color": half.colours.ink, "width": 2}}
    here = {"type": "scatter3d", "scene": scene, "mode": "markers", "marker": mark, "x": [0], "y": [0]}
    told = f"the {half.thing}<extra></extra>"
    traces.append(here | {"z": [float(margin[row, column])], "hovertemplate": told})
    head = note(f"<b>{dyed(half.name, half.colours.models[half.i])}</b>", (LEFT, RIGHT)[half.i][0], y)
    return Part(traces, notes=[head | {"font": {"size": 14, "color": half.colours.soft}}])


def _scene(half: Half, most: float, y: tuple[float, float]) -> Dict:
    names, colours = half.view.section.names, half.colours
    axis: Dict = {"backgroundcolor": colours.page, "gridcolor": colours.line, "color": colours.soft, "nticks": 5}
    scene: Dict = {"domain": {"x": (LEFT, RIGHT)[half.i], "y": y}, "aspectmode": "cube", "camera": CAMERA}
    for letter, words in (("x", names["across"]), ("y", names["up"]), ("z", "margin")):
        scene[f"{letter}axis"] = axis | {"title": {"text": plain(words), "font": {"size": 11}}}
    scene["zaxis"] |= {"range": [0, most]}
    return scene
