"""Numbers of two models below each other, each a row: marks with intervals, and the same in words beside them."""

from collections.abc import Sequence

from explorer.core.stats import Mean
from explorer.core.words import minus
from explorer.figures.frames import Dict, Part
from explorer.figures.likeness import Quantity
from explorer.figures.lineup import Mark
from explorer.figures.style import palette, plain

ROW = 62  # px of a row
NUMBERS, DRAWN = 0.36, (0.66, 0.98)  # of the width: where numbers begin, beside the words; where the marks are
WRAP = 34  # letters on one line of a row's words
CHANCE = "┆ random directions"


def forest(rows: Sequence[Quantity], marks: Sequence[Mark], y: tuple[float, float], k: int, dark: bool) -> Part:
    """Return the rows on axes k, k + 1, ... between the heights y; those of one axis have one scale."""
    part, spans = Part(), {row.axis: _span([one for one in rows if one.axis == row.axis]) for row in rows}
    height = (y[1] - y[0]) / max(len(rows), 1)
    for i, row in enumerate(rows):
        top = y[1] - i * height
        low, high = top - 0.66 * height, top - 0.06 * height
        part.axes.update(_axes(k + i, (low, high), spans[row.axis], dark))
        part.notes.append(_words(row, (low + high) / 2, dark))
        part.shapes.extend(_chance(row, k + i, dark))
        known = [(mark, row.means.get(mark.name)) for mark in marks if mark.name in row.means]
        if "" in row.means:
            known = [(Mark("", palette(dark).ink, "square", "■", "solid"), row.means[""])]
        for j, (mark, mean) in enumerate(known):
            at = 0.0 if len(known) == 1 else 0.45 - 0.9 * j
            part.fixed.append(_mark(mark, mean, row, at, k + i))
            part.notes.append(_number(mark, mean, (low + high) / 2 + at * (high - low) / 2, dark))
    return part


def cell(mean: Mean | None) -> str:
    """Return a number and its interval for a row: "0.12 (0.10 to 0.14)"; one that is a point is the number alone."""
    if mean is None:
        return "too few"
    low, high = mean.interval
    if low == high:
        return minus(f"{mean.value:.3g}")
    return minus(f"{mean.value:.3g} ({low:.3g} to {high:.3g})")


def _mark(mark: Mark, mean: Mean | None, row: Quantity, at: float, k: int) -> Dict:
    trace: Dict = {"type": "scatter", "mode": "markers", "xaxis": f"x{k}", "yaxis": f"y{k}", "showlegend": False}
    if mean is None:
        return trace | {"x": [], "y": []}
    low, high = ([abs(end - mean.value)] for end in mean.interval)
    error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": mark.colour}
    told = f"{plain(row.words)}: {minus(row.said(mean))}"
    extra = f"{mark.sign} {plain(mark.name)}" if mark.name else ""
    return trace | {
        "x": [mean.value],
        "y": [at],
        "marker": {"color": mark.colour, "symbol": mark.symbol, "size": 10},
        "error_x": error | {"width": 4, "thickness": 2},
        "hovertemplate": f"{told}<extra>{extra}</extra>",
    }


def _span(rows: Sequence[Quantity]) -> tuple[float, float]:
    """Return the ends of a scale: all intervals, what chance has, and 0 where nothing is far from it."""
    known = [mean for row in rows for mean in row.means.values() if mean is not None]
    ends = [end for mean in known for end in mean.interval] + [row.chance for row in rows if row.chance is not None]
    if not ends:
        return 0.0, 1.0
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.06 * (high - low) or 1.0
    return low - room * (low < 0), high + room


def _axes(k: int, y: tuple[float, float], span: tuple[float, float], dark: bool) -> Dict:
    across = {"domain": DRAWN, "anchor": f"y{k}", "range": span, "fixedrange": True, "nticks": 4}
    across |= {"tickfont": {"size": 11, "color": palette(dark).soft}, "tickformat": ",.3~r"}
    across |= {"zeroline": span[0] < 0, "zerolinecolor": palette(dark).soft}
    up = {"domain": y, "anchor": f"x{k}", "range": [-1, 1], "visible": False, "fixedrange": True}
    return {f"xaxis{k}": across, f"yaxis{k}": up}


def _words(row: Quantity, y: float, dark: bool) -> Dict:
    lines = [""]
    for word in plain(row.words).split():
        lines = [*lines, word] if len(lines[-1]) + len(word) > WRAP else [*lines[:-1], f"{lines[-1]} {word}".strip()]
    return _note("<br>".join(lines), 0.0, y, palette(dark).ink)


def _number(mark: Mark, mean: Mean | None, y: float, dark: bool) -> Dict:
    sign = mark.sign.split()[0]
    return _note(f"{sign} {cell(mean)}", NUMBERS, y, mark.colour)


def _note(text: str, x: float, y: float, colour: str) -> Dict:
    note: Dict = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": "left", "yanchor": "middle"}
    return note | {"text": text, "align": "left", "showarrow": False, "font": {"size": 12.5, "color": colour}}


def _chance(row: Quantity, k: int, dark: bool) -> list[Dict]:
    if row.chance is None:
        return []
    line = {"color": palette(dark).soft, "width": 1.5, "dash": "dot"}
    place = {"type": "line", "xref": f"x{k}", "yref": f"y{k}", "x0": row.chance, "x1": row.chance, "y0": -1, "y1": 1}
    return [place | {"line": line, "layer": "below"}]
