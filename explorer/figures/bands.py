"""Margins by frequency, drawn: for each band and model a swarm or a box of pictures, its median, and what a band is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, BandMargins, Bands
from explorer.core.stats import Median
from explorer.figures.banded import frequencies, length, middles
from explorer.figures.frames import Dict
from explorer.figures.images import pixels, sharp
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.logarithm import axis, span
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

HEIGHT, WAVE, BELOW = 490, 64, 66  # px: the figure, a band's wave under it, ticks and title
BAND, SWARM = 0.8, 0.7  # of the place of a band: its models together; of a model's: its pictures
GOLDEN = 0.618
MANY = 400  # pictures: of more every so many-th is drawn
ROOM = 1.4  # times the farthest
FENCES = (0.1, 0.25, 0.5, 0.75, 0.9)  # of a box
EDGE = 0.05  # of the pictures in the nearest band: nearer ones stand at the lower edge
LINE = 22  # px of the legend for each model
SIDE = 24  # pixels of the picture of a wave


def bands(result: Bands, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw the distances to the boundary within each band, on a logarithmic axis in the data's own unit.

    A median is marked with its 95 % interval, open where a search did not arrive; how many did not stands above. They
    count as farther than all that arrived: a median among them is not drawn.
    The few nearest pictures are drawn at the lower edge.
    """
    marks = lineup(list(result.models), dark)
    first = next(iter(result.models.values()))
    values = [row[np.isfinite(row)] * setting.unit for one in result.models.values() for row in one.margins.T]
    values = [row for row in values if len(row)] or [np.array([1.0, 10.0])]
    boxes = show["band_marks"] == "box"
    edges = (FENCES[0], FENCES[-1]) if boxes else (EDGE, 1.0)
    low, high = (
        pick(float(np.quantile(row, edge)) for row in values) for pick, edge in zip((min, max), edges, strict=True)
    )
    data, notes = list[Dict](), list[Dict]()
    for i, (mark, found) in enumerate(zip(marks, result.models.values(), strict=True)):
        where = (i + 0.5) / len(marks) - 0.5
        label = mark.entry
        if result.kinds[mark.name]:
            label += f" ({plain(result.kinds[mark.name])})"
        width = BAND / len(marks)
        draw = _box if boxes else _swarm
        data += [
            draw(mark, found, BAND * where, width, setting.unit, low, result.places),
            _medians(mark, found, BAND * where, label, setting, dark),
        ]
        notes += _missing(mark, found, BAND * where)
    count, names = len(first.starts), [_name(first, band) for band in range(len(first.starts))]
    above = 10 + LINE * len(marks)  # the legend, a name a line: it fits any width
    layout = framed(dark, HEIGHT + above + WAVE, BELOW + WAVE)
    layout["margin"] |= {"l": 66, "t": above}
    layout["legend"] |= {"orientation": "v"}
    plot = HEIGHT - BELOW
    title = "frequencies of the band, each way, from low to high"
    title += "" if boxes else "<br>marks at the lower edge: this near, or nearer"
    across = {"range": [-0.55, count - 0.45], "tickvals": list(range(count)), "ticktext": names, "tickangle": 0}
    across |= {"title": {"text": title, "standoff": WAVE + 26}, "fixedrange": True, "showgrid": False}
    above_all = high * ROOM if notes else high  # there how many were not found
    up = axis(span([low, above_all]), f"distance to the boundary in ℓ2, in 1/{setting.unit}")
    layout |= {
        "xaxis": across,
        "yaxis": up,
        "annotations": [*notes, *_legend(bool(notes))],
        "hovermode": "closest",
        "boxmode": "overlay",
    }
    layout |= {"images": _waves(first, WAVE / plot, 22 / plot), "shapes": _between(count, dark)}
    return go.Figure(data=data, layout=layout)


def _swarm(mark: Mark, found: BandMargins, where: float, width: float, unit: int, low: float, places: Array) -> Dict:
    """Return a model's pictures as points, each a little aside so that few lie on one another."""
    step = -(-len(found.labels) // MANY)
    x, y, told = list[float](), list[float](), list[list[float]]()
    for band in range(len(found.starts)):
        for i in np.flatnonzero(found.converged[:, band])[::step].tolist():
            x.append(band + where + width * SWARM * (i * GOLDEN % 1 - 0.5))
            size = float(f"{float(found.margins[i, band]) * unit:.4g}")
            y.append(max(size, low))
            told.append([int(places[i]), size])
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "customdata": told,
        "showlegend": False,
        "marker": {"color": mark.colour, "symbol": mark.symbol, "size": 4, "opacity": 0.4, "line": {"width": 0}},
        "hovertemplate": f"picture %{{customdata[0]}}: %{{customdata[1]:.4g}}/{unit}<extra>{mark.sign}</extra>",
    }


def _box(mark: Mark, found: BandMargins, where: float, width: float, unit: int, _low: float, _places: Array) -> Dict:
    """Return a model's boxes: the middle half of the pictures, and the middle 80 %."""
    known = [band for band in range(len(found.starts)) if found.converged[:, band].any()]
    cut = [_fences(found.margins[:, band]) * unit for band in known]
    low, q1, middle, q3, high = ([float(row[k]) for row in cut] for k in range(5))
    return {
        "type": "box",
        "x": [band + where for band in known],
        "lowerfence": low,
        "q1": q1,
        "median": middle,
        "q3": q3,
        "upperfence": high,
        "width": width * SWARM,
        "showlegend": False,
        "line": {"color": mark.colour, "width": 1.5},
        "opacity": 0.7,
        "hoverinfo": "skip",
    }


def _fences(margins: Array) -> Array:
    """Return where a box of margins (N,) has its edges; those that were not found count as the farthest found."""
    return np.asarray(np.quantile(margins.clip(max=margins[np.isfinite(margins)].max()), FENCES))


def _medians(mark: Mark, found: BandMargins, where: float, label: str, setting: Setting, dark: bool) -> Dict:
    """Return a model's medians with their intervals; open where a search did not arrive."""
    known = [(band, middle) for band, middle in enumerate(middles(found)) if middle and np.isfinite(middle.value)]
    whole = np.asarray(found.converged.all(0))
    ends = [_ends(middle) for _, middle in known]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [band + where for band, _ in known],
        "y": [middle.value * setting.unit for _, middle in known],
        "line": {"color": mark.colour, "width": 1.5, "dash": mark.dash},
        "marker": {
            "color": mark.colour,
            "symbol": [mark.symbol if whole[band] else f"{mark.symbol}-open" for band, _ in known],
            "size": 11,
            "line": {"color": palette(dark).page, "width": 1.5},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [high * setting.unit for _, high in ends],
            "arrayminus": [low * setting.unit for low, _ in ends],
            "color": palette(dark).ink,
            "width": 5,
            "thickness": 1.5,
        },
        "text": [_hover(found, band, middle, setting) for band, middle in known],
        "hovertemplate": f"%{{text}}<extra>{label}</extra>",
    }


def _ends(middle: Median) -> tuple[float, float]:
    """Return how far the interval reaches below and above the median; nowhere where it is unbounded both ways."""
    low, high = (abs(end - middle.value) for end in middle.interval)
    if np.isfinite(low):
        return low, high if np.isfinite(high) else ROOM**20 * middle.value
    return 0.0, 0.0


def _hover(found: BandMargins, band: int, middle: Median, setting: Setting) -> str:
    missing = int((~found.converged[:, band]).sum())
    left = f", {missing} did not arrive" if missing else ""
    return f"{frequencies(found, band)}: median {length(middle, setting)}<br>n = {middle.n:,}{left}"


def _missing(mark: Mark, found: BandMargins, where: float) -> list[Dict]:
    """Return above each band how many of a model's searches did not arrive."""
    counts = (~found.converged).sum(0)
    place = {"yref": "paper", "y": 1, "yanchor": "top", "showarrow": False, "font": {"size": 11, "color": mark.colour}}
    return [place | {"x": band + where, "text": f"✕{count}"} for band, count in enumerate(counts.tolist()) if count]


def _legend(missing: bool) -> list[Dict]:
    """Return what the marks at the upper edge mean, where there are some."""
    place = {"xref": "paper", "yref": "paper", "x": 1, "xanchor": "right", "showarrow": False, "font": {"size": 12}}
    return [place | {"y": 1, "yanchor": "bottom", "text": "✕ searches that did not arrive"}] if missing else []


def _name(found: BandMargins, band: int) -> str:
    start = int(found.starts[band])
    return f"{start}–{start + found.width - 1}" if found.width > 1 else f"{start}"


def _waves(found: BandMargins, high: float, down: float) -> list[Dict]:
    """Return under each band the wave at its middle, as high as `high` of the plot and `down` below it."""
    side = int(found.starts[-1]) + found.width
    place = {"xref": "x", "yref": "paper", "y": -down, "sizex": 0.86, "sizey": high, "sizing": "contain"}
    place |= {"xanchor": "center", "yanchor": "top"}
    return [
        place | {"x": band, "source": sharp(pixels(_wave(start + (found.width - 1) / 2, side)))}
        for band, start in enumerate(found.starts.tolist())
    ]


def _wave(frequency: float, side: int) -> Array:
    """Return the DCT's wave of a frequency both ways, (1, side, side) in [0, 1]."""
    one = np.cos(np.pi * (2 * np.arange(side) + 1) * round(frequency) / (2 * side))
    return np.outer(one, one)[None].astype(np.float32) / 2 + 0.5


def _between(count: int, dark: bool) -> list[Dict]:
    """Return a thin rule between two bands."""
    line = {"color": palette(dark).line, "width": 1}
    rule = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": line}
    return [rule | {"x0": band + 0.5, "x1": band + 0.5} for band in range(count - 1)]
