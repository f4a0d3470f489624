"""How far each attack is from its goal, step by step, on one axis for both models."""

from collections.abc import Sequence

from explorer.core.words import number
from explorer.figures.boundary import below, letters, room, zero
from explorer.figures.frames import END, Dict, Part
from explorer.figures.sides import Side
from explorer.figures.style import MARKERS, palette, plain

DOMAIN = (0.06, 0.955)
MANY = 100  # steps: more are drawn as a line alone


def places(steps: Sequence[int]) -> tuple[float, float, float]:
    """Return where the clean picture, the last step and the outcome stand on the axis of steps."""
    last = float(steps[-1])
    return -max(1.0, 0.07 * last), last, last + (last / (len(steps) - 1) if len(steps) > 1 else 1.0)


def rail(steps: Sequence[int]) -> tuple[float, float]:
    """Return where step 0 and the outcome lie across the figure: the slider stands right below them."""
    if not steps:
        return DOMAIN
    low, high = _span(steps)
    width = (DOMAIN[1] - DOMAIN[0]) / (high - low)
    return DOMAIN[0] - low * width, DOMAIN[0] + (places(steps)[2] - low) * width


def margins(two: tuple[Side, Side], steps: Sequence[int], y: tuple[float, float], k: int, dark: bool) -> Part:
    """Return the margins of both models over their steps as axis k; below zero the goal is reached.

    steps : those that have a frame; the lines show all
    """
    clean, _, end = places(steps)
    low, high = room([m.margin for side in two for m in (side.clean, *side.path, side.end)])
    where = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}"}

    def at(step: int | None) -> list[Dict]:
        x, name = (end, END) if step is None else (float(step), f"step {step}")
        heights = [low, high, *(side.at(step).margin for side in two)]  # up, and back down to the models' marks
        return [{"type": "scatter", "x": [x] * 4, "y": heights, "text": ["", f"<b>{name}</b>", "", ""]}]

    axes = {
        f"xaxis{k}": {"domain": DOMAIN, "anchor": f"y{k}", "range": _span(steps), **_ticks(steps)},
        f"yaxis{k}": {"domain": y, "anchor": f"x{k}", "range": [low, high], "nticks": 6} | zero(dark),
    }
    notes = letters([side.end.margin for side in two], k, (low, high), dark)
    for i, side in enumerate(two):
        if side.fell is not None:
            notes += _fall(side, side.fell, i, _upper(two, side.fell, i), k, dark)
    lines = [_line(side, i, clean, end, dark) | where for i, side in enumerate(two)]
    return Part(lines, [_cursor(dark) | where], at, axes=axes, notes=notes, shapes=[below(k, low, dark)])


def _span(steps: Sequence[int]) -> tuple[float, float]:
    clean, _, end = places(steps)
    return clean * 1.5, end - clean * 0.4


def _line(side: Side, i: int, clean: float, end: float, dark: bool) -> Dict:
    colour, count = palette(dark).models[i], len(side.path)
    told = {"clean": side.clean} | {f"step {t}": m for t, m in enumerate(side.path)} | {"": None, END: side.end}
    size = [5] * (count + 3) if count <= MANY else [5, *[0] * (count + 1), 5]
    return {
        "x": [clean, *range(count), None, end],
        "y": [None if m is None else m.margin for m in told.values()],
        "text": ["" if m is None else f"{name}: margin {number(m.margin)}" for name, m in told.items()],
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "marker": {"size": size, "symbol": MARKERS[i], "color": colour, "opacity": 1, "line": {"width": 0}},
        "hovertemplate": f"%{{text}}<extra>{side.letter} {plain(side.name)}</extra>",
    }


def _cursor(dark: bool) -> Dict:
    """Return the line across both margins at the current step, with a mark on each model's."""
    colours = palette(dark)
    marks = {
        "symbol": ["circle", "circle", *MARKERS],
        "color": [colours.soft, colours.soft, *colours.models],
        "size": [0, 0, 12, 12],
        "opacity": 1,
        "line": {"color": colours.ink, "width": [0, 0, 2, 2]},
    }
    return {
        "mode": "lines+markers+text",
        "line": {"color": colours.soft, "width": 1},
        "marker": marks,
        "textposition": "top center",
        "textfont": {"size": 13, "color": colours.ink},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _ticks(steps: Sequence[int]) -> Dict:
    clean, last, end = places(steps)
    jump = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if last <= 10 * n)
    ticks = [t for t in range(0, int(last) + 1, jump) if t <= end - 0.07 * last]
    named = {"tickvals": [clean, *ticks, end], "ticktext": ["clean", *map(str, ticks), END]}
    return named | {"tickangle": 0, "showgrid": False, "fixedrange": True}


def _upper(two: tuple[Side, Side], step: int, i: int) -> bool:
    """Return whether a model's fall is named above and to the right: where the other fell too, the later one's is."""
    side, other = two[i], two[1 - i]
    if other.fell in (None, step):
        mine, its = side.at(step).margin, other.at(step).margin
        return mine > its or (mine == its and i == 0)
    return step > other.fell


def _fall(side: Side, step: int, i: int, upper: bool, k: int, dark: bool) -> list[Dict]:
    """Return the cross at the step where a model fell, and its name, above at the right or below at the left."""
    place = {"xref": f"x{k}", "yref": f"y{k}", "x": step, "y": side.path[step].margin, "showarrow": False}
    colour = palette(dark).models[i]
    cross = {"text": "✖", "font": {"color": colour, "size": 17}}
    name = {"text": f"{side.letter}: step {step}", "font": {"color": colour, "size": 12}}
    below = {"xanchor": "right", "yanchor": "top", "xshift": -3, "yshift": -2}
    above = {"xanchor": "left", "yanchor": "bottom", "xshift": 3, "yshift": 2}
    return [place | cross, place | name | (above if upper else below)]
