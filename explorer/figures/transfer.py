"""Who is fooled by whose pictures: rows the model that they were made on, columns the model that sees them."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import TransferMatrix
from explorer.core.stats import Rate
from explorer.figures.frames import Dict
from explorer.figures.lineup import lineup
from explorer.figures.style import palette, plain, template


def transfer(matrix: TransferMatrix, *, dark: bool = False) -> go.Figure:
    """Draw the accuracy of each model on the pictures made on each, with 95 % Wilson intervals. Dark: accurate."""
    names, colours = list(matrix.models), palette(dark)
    found = [[Rate(matrix.models[i][j], matrix.n) for j in names] for i in names]
    labels = [f"{mark.sign} {plain(mark.name)}" for mark in lineup(names, dark)]
    text = [
        [f"<b>{rate.value:.0%}</b><br>{rate.interval[0]:.0%}–{rate.interval[1]:.0%}" for rate in row] for row in found
    ]
    cells: Dict = {
        "type": "heatmap",
        "x": labels,
        "y": labels,
        "z": np.array([[rate.value for rate in row] for row in found], np.float32),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, colours.page], [1, colours.clean]],
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 14, "color": colours.ink},
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hovertemplate": "made on %{y}, shown to %{x}: right about %{z:.1%}<extra></extra>",
    }
    layout: Dict = {
        "template": template(dark),
        "height": 130 + 90 * len(names),
        "margin": {"l": 190, "r": 12, "t": 12, "b": 56},
        "xaxis": {"title": {"text": "shown to"}, "showgrid": False, "fixedrange": True},
        "yaxis": {"title": {"text": "made on"}, "showgrid": False, "fixedrange": True, "autorange": "reversed"},
    }
    return go.Figure(data=[cells], layout=layout)
