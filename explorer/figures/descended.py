"""How training came to the trained weights, on the plane of its principal components: drawn, told, as rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from explorer.core.results import Descent, Terrain
from explorer.figures.frames import Dict
from explorer.figures.setting import Setting, percent

FAR = 0.1  # share of a distance that lies off the plane, from which on the plane is said to tell little of a point


def way(view: Terrain, i: int) -> list[Dict]:
    """Return the recorded weights of model A (0) or B (1) and the lines between them, the first one marked."""
    found = view.descent(i)
    if found is None:
        return []
    x, y = found.places.T
    line: Dict = {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip"}
    points: Dict = {"type": "scatter", "mode": "markers", "x": x[1:-1], "y": y[1:-1]}
    points |= {"marker": {"size": 6, "color": "#ffffff", "line": {"color": "#000000", "width": 1}}}
    start: Dict = {"type": "scatter", "mode": "markers", "x": x[:1], "y": y[:1]}
    start |= {
        "marker": {"symbol": "square", "size": 11, "color": "#ffffff", "line": {"color": "#000000", "width": 1.5}}
    }
    told = "after %{customdata[0]:.0%} of the training, at (%{x:.3g}, %{y:.3g})<br>%{customdata[1]:.0%} of its"
    told += " distance lies off the plane<extra></extra>"
    data = np.stack([found.done, found.aside], axis=1).astype(np.float32)
    return [
        line | {"line": {"color": "#000000", "width": 4.5}},
        line | {"line": {"color": "#ffffff", "width": 2.5}},
        points | {"customdata": data[1:-1], "hovertemplate": told},
        start | {"customdata": data[:1], "hovertemplate": told},
    ]


def named(view: Terrain, i: int, axis: str) -> str:
    """Return what an axis is, with the share of the path's variance that it explains."""
    found = view.descent(i)
    name = str(view.names[axis])
    return name if found is None else f"{name}: {_share(found, ('across', 'up').index(axis))} of the variance"


def legend(view: Terrain) -> list[str]:
    """Return what the marks of a path mean."""
    drawn = any(view.descent(i) for i in range(2))
    return ["□ untrained", "— recorded weights", "○ trained"] if drawn else []


def told(view: Terrain, setting: Setting) -> list[str]:
    """Return what each plane shows of its path, a sentence each."""
    return [_told(found, name) for found, name in zip(map(view.descent, range(2)), setting.names, strict=True) if found]


def _told(found: Descent, name: str) -> str:
    both, first = float(found.explained.sum()), float(found.aside[0])
    whole = float(np.sqrt((found.off**2).sum() / (found.far**2).sum()))
    lines = (
        f"Of the {name} model's training {len(found.done)} states were recorded: across explains {_share(found, 0)} of "
        f"their variance, up {_share(found, 1)}, both {percent(both)}; 1 on the axes is {found.unit:.3g} in ℓ2. The "
        f"untrained weights are {found.far[0]:.3g} away from the trained ones, and {percent(first)} of that "
        f"distance lies off the plane, as {percent(whole)} of the distance does over all states (root mean square)"
    )
    if max(first, whole) > FAR:
        lines += ". The loss that is drawn is that of the plane: where a state lies off it, its own loss may be another"
    return f"{lines}."


def _share(found: Descent, k: int) -> str:
    return f"{100 * found.explained[k]:.1f} %"


def table(view: Terrain, setting: Setting) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each recorded state, in the columns of the surfaces' table."""
    for i, name in enumerate(setting.names):
        if found := view.descent(i):
            for done, (s, t) in zip(found.done, found.places.tolist(), strict=True):
                about = f"recorded weights after {done:.3f} of the training"
                yield f"{'AB'[i]} {name}", about, round(s, 12), round(t, 12), "", "", "", ""
