"""Several models on one chart: each its colour, sign and line, A and B as everywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.core.stats import Rate
from explorer.figures.frames import Dict
from explorer.figures.style import CLASSES, MARKERS, SIGNS, palette, plain, template

MORE = (CLASSES[5], CLASSES[8], CLASSES[7], CLASSES[9])  # brown, grey, khaki, pale blue: no meaning elsewhere
SYMBOLS = (*MARKERS, "square", "triangle-up", "x", "star")
LETTERS = (*SIGNS, "■", "▲", "✖", "★")
OWN = "within its own limits"  # which they are is said beside the chart
PATTERNS = ("", "", "/", ".", "x", "+")
EDGE = 3  # px around a bar: of one of 0 % it is what is seen
DASHES = ("solid", "solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True, slots=True)
class Mark:
    """How one model is drawn: its colour, its symbol in a plot, its sign in words, its line."""

    name: str
    colour: str
    symbol: str
    sign: str
    dash: str

    @property
    def entry(self) -> str:
        """What stands beside its symbol in a legend: its letter, without the sign, and its name."""
        return " ".join([*self.sign.split()[1:], plain(self.name)])


def lineup(names: Sequence[str], dark: bool) -> list[Mark]:
    """Return the marks of some models, the first of which is model A and the second model B."""
    colours = (*palette(dark).models, *MORE)
    return [
        Mark(name, colours[i % 6], SYMBOLS[i % 6], LETTERS[i % 6] + (f" {'AB'[i]}" if i < 2 else ""), DASHES[i % 6])
        for i, name in enumerate(names)
    ]


def framed(dark: bool, height: int, bottom: int = 56) -> Dict:
    """Return the layout that charts of several models share: a legend above, room for the axes' titles."""
    return {
        "template": template(dark),
        "height": height,
        "margin": {"l": 56, "r": 12, "t": 30, "b": bottom},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13}},
    }


def rated(
    i: int, mark: Mark, names: list[str], rates: list[Rate], custom: list[list[Any]], told: str, dark: bool
) -> Dict:
    """Return model i's bars, a rate and its interval at each name; `told` is said of what `custom` knows of a bar."""
    label, ink = f"{mark.sign} {plain(mark.name)}", palette(dark).ink
    low, high = ([abs(rate.interval[j] - rate.value) for rate in rates] for j in (0, 1))
    error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low}
    return {
        "type": "bar",
        "x": names,
        "y": [rate.value for rate in rates],
        "name": label,
        "offsetgroup": str(i),
        "marker": {
            "color": mark.colour,
            "pattern": {"shape": PATTERNS[i % 6]},
            "line": {"color": mark.colour, "width": EDGE},
        },
        "customdata": custom,
        "error_y": error | {"color": ink, "thickness": 1.2, "width": 3},
        "hovertemplate": f"{told}<extra>{label}</extra>",
    }


def shares(data: list[Dict], dark: bool) -> go.Figure:
    """Return the figure of all models' bars beside each other, from 0 to 100 %."""
    across = {"type": "category", "fixedrange": True, "showgrid": False}
    up = {"title": {"text": "pictures that stand"}, "range": [0, 1.02], "tickformat": ".0%", "fixedrange": True}
    return go.Figure(data=data, layout=framed(dark, 400, 40) | {"barmode": "group", "xaxis": across, "yaxis": up})
