"""Lines and marks of a flat map, laid on the surface that has its heights."""

import numpy as np

from explorer.core.results import Array
from explorer.figures.borders import borders
from explorer.figures.frames import Dict

LIFT = 0.006  # of the scene's height, for each trace in turn: what lies in the surface is drawn with holes
PARTS = 24  # of each stretch of a line, which follows the surface from part to part
CROSS = "cross"  # in place of an x, which plotly.js draws in 3-D by a sign that few fonts have


def draped(traces: list[Dict], at: Array, height: Array, ends: tuple[float, float], scene: str) -> list[Dict]:
    """Return the traces of a map on the surface over its grid.

    traces : scatter traces, and contours of one level, of which the line is drawn
    at : (G,), the grid's places on both axes; height : (G, G), row = second axis; ends : of the height's scale
    """
    lifts = LIFT * (ends[1] - ends[0]) * (1 + np.arange(len(traces)))
    return [_draped(one, at, height, float(lift), scene) for one, lift in zip(traces, lifts, strict=True)]


def _draped(trace: Dict, at: Array, height: Array, lift: float, scene: str) -> Dict:
    if trace["type"] == "contour":
        over = trace["z"] - trace["contours"]["start"]
        x, y = borders((over > 0).astype(np.int64), np.abs(over), trace["x"], trace["y"])
        mode = "lines"
    else:
        x, y, mode = np.asarray(trace["x"], np.float64), np.asarray(trace["y"], np.float64), trace["mode"]
    keep = {name: trace[name] for name in ("hoverinfo", "hovertemplate", "customdata") if name in trace}
    if mode == "lines":
        x, y = _finer(x), _finer(y)
    shown: Dict = {"type": "scatter3d", "scene": scene, "mode": mode, "x": x, "y": y}
    shown |= {"z": _on(x, y, at, height) + lift} | keep
    if "line" in trace and "lines" in mode:
        shown["line"] = trace["line"] | {"width": 2 * trace["line"]["width"]}
    if "marker" in trace and "markers" in mode:
        marker = dict(trace["marker"])
        symbol = str(marker.get("symbol", "circle")).replace("x", CROSS)
        shown["marker"] = marker | {"size": 0.6 * marker["size"], "symbol": symbol}
    return shown


def _finer(values: Array) -> Array:
    """Return the corners of a line and places between them; a gap stays one."""
    if len(values) < 2:
        return values
    steps = np.linspace(0, 1, PARTS, endpoint=False)
    between = values[:-1, None] + np.diff(values)[:, None] * steps
    return np.append(between.ravel(), values[-1])


def _on(x: Array, y: Array, at: Array, height: Array) -> Array:
    """Return the height at places, linear between those of the grid; beyond it there is none."""
    place = [np.interp(value, at, np.arange(len(at)), left=np.nan, right=np.nan) for value in (x, y)]
    known = np.isfinite(place[0]) & np.isfinite(place[1])
    column, row = (np.where(known, one, 0.0) for one in place)
    c, r = (np.clip(one.astype(np.int64), 0, len(at) - 2) for one in (column, row))
    u, v = column - c, row - r
    low = height[r, c] * (1 - u) + height[r, c + 1] * u
    high = height[r + 1, c] * (1 - u) + height[r + 1, c + 1] * u
    return np.asarray(np.where(known, low * (1 - v) + high * v, np.nan))
