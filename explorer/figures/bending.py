"""How two boundaries bend, and how the gradient turns, near many pictures: a mark for each picture."""

from collections.abc import Sequence

import numpy as np

from explorer.core.results import Array, Locality
from explorer.figures.frames import Dict, Part
from explorer.figures.halves import ROOM, panel, title
from explorer.figures.likeness import bend
from explorer.figures.lineup import Mark
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain


def bending(result: Locality, marks: Sequence[Mark], _setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return a mark for each picture: how far its boundary is, and how much that bends."""
    pairs = {mark.name: (result.models[mark.name].normals.distance, bend(result, mark.name)) for mark in marks}
    part = _scatter(pairs, result.places, marks, "distance to the boundary, ℓ2", "largest curvature", y, dark)
    known = np.concatenate([far[np.isfinite(far) & (far > 0)] for far, _ in pairs.values()])
    if len(known):
        ends = np.geomspace(known.min(), known.max(), 30)
        line: Dict = {"type": "scatter", "mode": "lines", "x": ends, "y": 1 / ends, "xaxis": "x1", "yaxis": "y1"}
        line |= {"line": {"color": palette(dark).soft, "dash": "dash", "width": 1.5}, "hoverinfo": "skip"}
        part.fixed.insert(0, line)
    bends = np.concatenate([bent[np.isfinite(bent) & (bent > 0)] for _, bent in pairs.values()])
    if len(bends):
        low, high = np.log10([bends.min(), bends.max()])
        part.axes["yaxis1"] |= {"type": "log", "range": [low - 0.1, high + 0.1]}
    part.notes.append(
        title("dashed: as much as a ball around the picture that reaches its boundary", 1, palette(dark).ink)
    )
    return part


def turning(result: Locality, marks: Sequence[Mark], _setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return a mark for each picture: how long its gradient is, and how much that turns within the budget."""
    pairs = {mark.name: (result.linear[mark.name].slope, result.linear[mark.name].turned) for mark in marks}
    title = "cosine with that at the worst place"
    part = _scatter(pairs, result.lossy, marks, "length of the margin's gradient, ℓ2", title, y, dark)
    part.axes["yaxis1"] |= {"range": [-1.05, 1.05]}
    return part


def _scatter(
    pairs: dict[str, tuple[Array, Array]],
    places: Array,
    marks: Sequence[Mark],
    across: str,
    up: str,
    y: tuple[float, float],
    dark: bool,
) -> Part:
    part = Part()
    for mark in marks:
        u, v = pairs[mark.name]
        known = np.isfinite(u) & np.isfinite(v)
        dot = {"color": mark.colour, "symbol": mark.symbol, "size": 6, "opacity": 0.6}
        dot["line"] = {"color": palette(dark).page, "width": 0.5}
        trace: Dict = {"type": "scatter", "mode": "markers", "x": u[known], "y": v[known], "marker": dot}
        told = f"picture %{{customdata}}: {across} %{{x:.3g}}, {up} %{{y:.3g}}"
        trace |= {
            "customdata": places[known],
            "hovertemplate": f"{told}<extra>{mark.sign} {plain(mark.name)}</extra>",
            "xaxis": "x1",
            "yaxis": "y1",
        }
        part.fixed.append(trace)
    part.axes.update(panel(1, across, up, y))
    part.axes["xaxis1"] |= {"domain": [ROOM + 0.01, 1], "type": "log"}
    return part
