"""Rows of small pictures, with words above and below each."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from explorer.core.results import Array
from explorer.figures.frames import Dict
from explorer.figures.images import pixels, sharp
from explorer.figures.style import palette, template

WIDEST, WHOLE = 190, 960  # px: of a picture, and of a row at the usual width of a page
BESIDE = 670  # px: of a row where a lesson stands beside the figure
HEAD, ABOVE, BELOW, AIR = 28, 20, 38, 14  # px: a row's heading, the words about its pictures, what is free below
GAP = 0.03  # of a picture's width, at each side


@dataclass(frozen=True, eq=False, slots=True)
class Mark:
    """A small picture (C, H, W), the words above and below it, and those that pointing at it shows.

    bytes : it is given as bytes, (H, W) or (H, W, 3), not as values in [0, 1]
    tone : the colour of what stands below, "" for that of the text
    """

    x: Array
    above: str = ""
    below: str = ""
    hover: str = ""
    tone: str = ""
    bytes: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Strip:
    """A row: its heading, and its marks, None where a place stays free."""

    heading: str
    marks: Sequence[Mark | None]
    tone: str = ""


def strips(rows: Sequence[Strip], *, dark: bool = False, across: int = WHOLE) -> go.Figure:
    """Draw rows of marks under one another, the columns aligned. Words are plotly's, tags and all.

    across : px of a row where it is usually seen
    """
    count = max(len(row.marks) for row in rows)
    side, colours = min(WIDEST, across // count), palette(dark)
    above, below = ([any(getattr(mark, part) for mark in row.marks if mark) for row in rows] for part in ABOUT)
    heights = [HEAD + ABOVE * a + side + BELOW * b + AIR for a, b in zip(above, below, strict=True)]
    whole = sum(heights)
    layout: Dict = {"template": template(dark), "height": whole + 16, "images": [], "annotations": []}
    layout |= {"hovermode": "closest"}
    data: list[Dict] = []
    for i, row in enumerate(rows):
        top = whole - sum(heights[:i])
        high = top - HEAD - ABOVE * above[i]
        layout |= _axes(i, ((high - side) / whole, high / whole), count)
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": top / whole, "xanchor": "left", "yanchor": "top"}
        font = {"size": 14, "color": row.tone or colours.ink}
        layout["annotations"].append(place | {"text": row.heading, "showarrow": False, "borderpad": 0, "font": font})
        for j, mark in enumerate(row.marks):
            if mark is None:
                continue
            shown = mark.x if mark.bytes else pixels(mark.x)
            where = {"xref": f"x{i + 1}", "yref": f"y{i + 1}", "x": j + GAP, "y": 1, "sizing": "stretch"}
            layout["images"].append(where | {"sizex": 1 - 2 * GAP, "sizey": 1 - 2 * GAP, "source": sharp(shown)})
            layout["annotations"] += _words(mark, i, j, dark)
        data.append(_pointed(row, i, side))
    return go.Figure(data=data, layout=layout)


ABOUT = ("above", "below")


def _axes(i: int, y: tuple[float, float], count: int) -> Dict:
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "fixedrange": True, "constrain": "domain"}
    k = i + 1
    return {
        f"xaxis{k}": bare | {"domain": (0, 1), "anchor": f"y{k}", "range": (0, count), "constraintoward": "left"},
        f"yaxis{k}": bare
        | {"domain": y, "anchor": f"x{k}", "range": (0, 1), "scaleanchor": f"x{k}", "constraintoward": "top"},
    }


def _words(mark: Mark, i: int, j: int, dark: bool) -> list[Dict]:
    k = "" if i == 0 else i + 1  # plotly.js knows no "y1 domain"
    at = {"xref": f"x{i + 1}", "yref": f"y{k} domain", "x": j + 0.5, "showarrow": False, "borderpad": 2}
    colours = palette(dark)
    found = []
    if mark.above:
        font = {"size": 13, "color": colours.ink}
        found.append(at | {"y": 1, "yanchor": "bottom", "text": mark.above, "font": font})
    if mark.below:
        font = {"size": 12, "color": mark.tone or colours.ink}
        found.append(at | {"y": 0, "yanchor": "top", "text": mark.below, "font": font})
    return found


def _pointed(row: Strip, i: int, side: int) -> Dict:
    """Return what pointing at a row's marks shows."""
    places = [j for j, mark in enumerate(row.marks) if mark is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {"size": side * 0.9, "symbol": "square", "opacity": 0},
        "x": [j + 0.5 for j in places],
        "y": [0.5] * len(places),
        "text": [mark.hover for mark in row.marks if mark is not None],
        "hovertemplate": "%{text}<extra></extra>",
        "xaxis": f"x{i + 1}",
        "yaxis": f"y{i + 1}",
    }
