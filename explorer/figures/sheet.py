"""Pictures and maps in rows and columns, every map with its colours and their ends below it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array
from explorer.figures.frames import Dict
from explorer.figures.images import SEQUENTIAL, pixels, sharp
from explorer.figures.style import palette, plain, template

FOR_AGAINST = {  # against, neither, for: blue, the page's grey, orange
    False: ((0.0, "#08519c"), (0.25, "#6baed6"), (0.5, "#f2f2f2"), (0.75, "#f4a040"), (1.0, "#8c3d04")),
    True: ((0.0, "#9ecae1"), (0.25, "#3182bd"), (0.5, "#20242c"), (0.75, "#d9740f"), (1.0, "#ffc685")),
}
SIDE, NARROW = 270, 215  # px: of a cell's picture, where there are up to three in a row, and more
HEAD, FOOT, AIR = 44, 40, 10  # px: of its heading, its colours; between rows
GAP = 0.02  # of the width, between columns


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """A picture, or a map of it.

    heading : two lines at most, the first bold; tone : its colour, "" for that of the text
    x : (C, H, W) the picture; values : (H, W) of a map, None for the picture itself; limit : where its colours end
    signed : whether they run from -limit, or from 0
    refused : why there is no map, else ""
    """

    name: str
    heading: str
    x: Array
    values: Array | None = None
    limit: float = 1.0
    signed: bool = True
    tone: str = ""
    refused: str = ""


def sheet(rows: Sequence[Sequence[Cell]], *, overlay: int = 0, dark: bool = False) -> go.Figure:
    """Draw rows of cells, all of the same number.

    overlay : how much of the picture shows through each map, in percent
    """
    count = len(rows[0])
    side = SIDE if count <= 3 else NARROW
    height = HEAD + side + FOOT + AIR
    whole = height * len(rows)
    layout: Dict = {"template": template(dark), "height": whole + 16, "images": [], "annotations": []}
    layout |= {"hovermode": "closest"}
    data: list[Dict] = []
    width = (1 - (count - 1) * GAP) / count
    for i, row in enumerate(rows):
        top = 1 - (i * height + HEAD) / whole
        y = (top - side / whole, top)
        for j, cell in enumerate(row):
            k, x = i * count + j + 1, (j * (width + GAP), j * (width + GAP) + width)
            layout |= _axes(k, x, y, cell.x.shape[1:])
            layout["annotations"].append(_heading(cell, k, dark))
            if cell.refused:
                layout["annotations"].append(_refusal(cell, k, dark))
                data.append({"type": "scatter", "x": [], "y": [], "xaxis": f"x{k}", "yaxis": f"y{k}"})
                continue
            if cell.values is None or overlay:
                layout["images"].append(_picture(cell, k, grey=cell.values is not None))
            data.append(_heat(cell, k, x, y[0] - 10 / whole, overlay, dark))
    return go.Figure(data=data, layout=layout)


def _heat(cell: Cell, k: int, x: tuple[float, float], y: float, overlay: int, dark: bool) -> Dict:
    """Return a map as a heatmap; of a picture one that nobody sees, whose values are read by pointing."""
    where: Dict = {"type": "heatmap", "xaxis": f"x{k}", "yaxis": f"y{k}", "name": cell.name, "zsmooth": False}
    where |= {"hoverinfo": "none"}  # cursor.js says the value, in every map at once
    if cell.values is None:
        grey = cell.x.mean(0).astype(np.float32)
        told = [[" ".join(f"{v:.2f}" for v in cell.x[:, r, c]) for c in range(grey.shape[1])] for r in range(len(grey))]
        return where | {"z": grey, "text": told, "opacity": 0, "showscale": False}
    middle = (x[0] + x[1]) / 2
    colours: Dict = {"orientation": "h", "thickness": 9, "x": middle, "xanchor": "center", "y": y, "yanchor": "top"}
    colours |= {"len": 0.6 * (x[1] - x[0]), "outlinewidth": 0, "nticks": 3, "tickformat": ".2~g", "xpad": 0, "ypad": 0}
    low = -cell.limit if cell.signed else 0.0
    colours |= {"tickvals": [low, 0, cell.limit] if cell.signed else [0, cell.limit]}
    return where | {
        "z": cell.values.astype(np.float32),
        "zmin": low,
        "zmax": cell.limit,
        "opacity": 1 - overlay / 100,
        "colorscale": [list(stop) for stop in FOR_AGAINST[dark]] if cell.signed else SEQUENTIAL,
        "colorbar": colours | {"tickfont": {"color": palette(dark).soft, "size": 12}},
        "meta": "linked",
    }


def _picture(cell: Cell, k: int, grey: bool) -> Dict:
    shown = cell.x.mean(0, keepdims=True) if grey else cell.x
    height, width = cell.x.shape[1:]
    place = {"xref": f"x{k}", "yref": f"y{k}", "x": -0.5, "y": -0.5, "sizex": width, "sizey": height}
    return place | {"source": sharp(pixels(shown)), "sizing": "stretch", "layer": "below"}


def _axes(k: int, x: tuple[float, float], y: tuple[float, float], shape: tuple[int, ...]) -> Dict:
    """Return the axes of one cell: square pixels, the first row on top."""
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "fixedrange": True, "constrain": "domain"}
    height, width = shape
    return {
        f"xaxis{k}": bare | {"domain": x, "anchor": f"y{k}", "range": [-0.5, width - 0.5]},
        f"yaxis{k}": bare
        | {"domain": y, "anchor": f"x{k}", "range": [height - 0.5, -0.5], "scaleanchor": f"x{k}"}
        | {"constraintoward": "top"},
    }


def _at(k: int) -> Dict:
    n = "" if k == 1 else k  # plotly.js knows no "x1 domain"
    return {"xref": f"x{n} domain", "yref": f"y{n} domain", "x": 0.5, "showarrow": False}


def _heading(cell: Cell, k: int, dark: bool) -> Dict:
    first, _, second = cell.heading.partition("\n")
    text = f"<b>{plain(first)}</b><br>{plain(second)}"
    font = {"size": 13, "color": cell.tone or palette(dark).ink}
    return _at(k) | {"text": text, "y": 1, "yanchor": "bottom", "font": font, "borderpad": 4}


def _refusal(cell: Cell, k: int, dark: bool) -> Dict:
    font = {"size": 13, "color": palette(dark).soft}
    return _at(k) | {"text": _wrapped(cell.refused), "y": 0.5, "font": font}


def _wrapped(text: str, width: int = 34) -> str:
    """Return a sentence in lines of about so many letters, as plotly breaks none by itself."""
    lines = [""]
    for word in plain(text).split():
        lines = [*lines, word] if len(lines[-1]) + len(word) > width else [*lines[:-1], f"{lines[-1]} {word}".strip()]
    return "<br>".join(lines)
