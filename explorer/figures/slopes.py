"""Margins of an outcome whose way is not known: before, and after."""

from collections.abc import Sequence

from explorer.core.words import number
from explorer.figures.boundary import below, letters, room, zero
from explorer.figures.frames import Part
from explorer.figures.margins import DOMAIN
from explorer.figures.sides import Side
from explorer.figures.style import MARKERS, palette, plain


def slopes(
    two: tuple[Side, Side],
    after: str,
    more: Sequence[tuple[str, Side, Side]],
    y: tuple[float, float],
    k: int,
    dark: bool,
) -> Part:
    """Return both models' margins as axis k: clean, the outcome (called `after`), then the outcomes of `more`."""
    colours = palette(dark)
    labels = ["clean", after, *(label for label, _, _ in more)]
    outcomes = [two, *((a, b) for _, a, b in more)]
    tracks = [[two[i].clean.margin, *(pair[i].end.margin for pair in outcomes)] for i in (0, 1)]
    low, high = room([value for track in tracks for value in track], 0.2)
    lines = []
    for i, track in enumerate(tracks):
        above = [a > b or (a == b and i == 0) for a, b in zip(track, tracks[1 - i], strict=True)]
        line = {
            "type": "scatter",
            "xaxis": f"x{k}",
            "yaxis": f"y{k}",
            "x": list(range(len(track))),
            "y": track,
            "mode": "lines+markers+text",
            "line": {"color": colours.models[i], "width": 2},
            "marker": {"size": 10, "symbol": MARKERS[i]},
            "text": [number(value) for value in track],
            "textposition": [f"{'top' if up else 'bottom'} center" for up in above],
            "textfont": {"color": colours.models[i]},
            "cliponaxis": False,
            "hovertemplate": f"margin %{{text}}<extra>{two[i].letter} {plain(two[i].name)}</extra>",
        }
        lines.append(line)
    named = {"tickvals": list(range(len(labels))), "ticktext": labels, "showgrid": False, "fixedrange": True}
    edges = [-0.35, len(labels) - 0.65]
    axes = {
        f"xaxis{k}": {"domain": DOMAIN, "anchor": f"y{k}", "range": edges, "tickangle": 0, **named},
        f"yaxis{k}": {"domain": y, "anchor": f"x{k}", "range": [low, high], "nticks": 6} | zero(dark),
    }
    ends = [track[-1] for track in tracks]
    return Part(lines, axes=axes, notes=letters(ends, k, (low, high), dark), shapes=[below(k, low, dark)])
