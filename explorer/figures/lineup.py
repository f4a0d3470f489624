"""Several models on one chart: each its colour, sign and line, A and B as everywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.figures.frames import Dict
from explorer.figures.style import CLASSES, MARKERS, SIGNS, palette, template

MORE = (CLASSES[5], CLASSES[8], CLASSES[7], CLASSES[9])  # brown, grey, khaki, pale blue: no meaning elsewhere
SYMBOLS = (*MARKERS, "square", "triangle-up", "x", "star")
LETTERS = (*SIGNS, "■", "▲", "✖", "★")
DASHES = ("solid", "solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True, slots=True)
class Mark:
    """How one model is drawn: its colour, its symbol in a plot, its sign in words, its line."""

    name: str
    colour: str
    symbol: str
    sign: str
    dash: str


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
