"""The local geometry of two boundaries: a picture of the chosen facet, and below it its numbers."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from explorer.core.results import Locality
from explorer.figures.bending import bending, turning
from explorer.figures.facing import matrix, spectra
from explorer.figures.forest import CHANCE, ROW, forest
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.likeness import quantities
from explorer.figures.lineup import Mark, lineup
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

Picture = Callable[[Locality, Sequence[Mark], Setting, tuple[float, float], bool], Part]


def locality(result: Locality, setting: Setting, facet: str, *, dark: bool = False) -> go.Figure:
    """Draw a facet: both models' matrices of cosines, their spectra, or a mark for each picture; then its numbers."""
    marks, known = lineup(list(result.models or result.linear), dark), list(quantities(result, facet).values())
    shown = {"linearity": result.linear, "curvature": result.models}.get(facet, result.cosines)
    picture = PICTURES.get(facet) if shown else None
    tall = {"above": 36, "picture": HEIGHTS[facet], "ticks": 60} if picture else {"picture": 1}
    height, y = rows(key=26, **tall, numbers=ROW * max(len(known), 1))
    parts = [_key(_count(result, facet), marks, any(one.chance is not None for one in known), y["key"], dark)]
    if picture is not None:
        parts.append(picture(result, marks, setting, y["picture"], dark))
    parts.append(forest(known, marks, y["numbers"], 3, dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _count(result: Locality, facet: str) -> int:
    """Return how many pictures are shown: of what is about pairs, those that are compared so far."""
    if facet in PAIRED and result.cosines:
        return len(result.near)
    return len(result.y if result.models else next(iter(result.linear.values())).gap)


def _key(count: int, marks: Sequence[Mark], chance: bool, y: tuple[float, float], dark: bool) -> Part:
    """Return what the marks mean, and how many pictures there are."""
    words = [f'<span style="color:{mark.colour}">{mark.sign} {plain(mark.name)}</span>' for mark in marks]
    words += [CHANCE] if chance else []
    note: Dict = {"xref": "paper", "yref": "paper", "x": 0, "y": y[1], "xanchor": "left", "yanchor": "top"}
    note |= {"text": "     ".join([*words, f"n = {count:,}"]), "showarrow": False, "borderpad": 0}
    return Part(notes=[note | {"font": {"size": 13, "color": palette(dark).soft}}])


PICTURES: dict[str, Picture] = {"cosines": matrix, "spectrum": spectra, "curvature": bending, "linearity": turning}
PAIRED = ("cosines", "spectrum")
HEIGHTS: dict[str, int] = {"cosines": 280, "spectrum": 280, "curvature": 300, "linearity": 300}  # px of a picture
