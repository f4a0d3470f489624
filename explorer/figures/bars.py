"""What each model believes: class probabilities on the clean picture and under attack, on one axis 0 to 1."""

import numpy as np

from explorer.core.results import Array
from explorer.figures.frames import Dict, Part
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import Side
from explorer.figures.style import LEFT, RIGHT, palette, plain

MOST = 10  # rows; with more classes the last row is all others together
NAMES = 0.095  # share of the width for class names
REACH = 1.22  # of the axis: the marks stand right of 1


def rows_of(two: tuple[Side, Side]) -> list[int]:
    """Return the classes that get a row, in their own order: all, or the true, wanted, said and likeliest."""
    count = len(two[0].clean.p)
    if count <= MOST:
        return list(range(count))
    likely = np.max([p for side in two for p in (side.clean.p, side.end.p)], axis=0)
    first = [c for side in two for c in (side.label, side.goal, side.clean.p.argmax(), side.end.p.argmax()) if c >= 0]
    order = dict.fromkeys(int(c) for c in (*first, *likely.argsort()[::-1]))
    return sorted(list(order)[: MOST - 1])


def bars(two: tuple[Side, Side], setting: Setting, y: tuple[float, float], k: int, dark: bool) -> Part:
    """Return the bars of both models as axes k and k + 1: clean wide and pale, under attack narrow and strong.

    ○ marks the answer on the clean picture, ● the answer under attack, each beside its probability then.
    """
    colours, rows = palette(dark), rows_of(two)
    others = len(two[0].clean.p) - len(rows)
    names = [_name(two[0], c, setting) for c in rows] + ([f"{others} others"] if others else [])
    levels = list(range(len(names)))
    fixed: list[Dict] = []
    moving: list[Dict] = []
    axes: Dict = {}
    for i, side in enumerate(two):
        where = {"xaxis": f"x{k + i}", "yaxis": f"y{k + i}"}
        bar = {"type": "bar", "orientation": "h", "y": levels, "customdata": names, **where}
        fixed.append(
            bar
            | {"x": _drawn(side.clean.p, rows, others), "width": 0.84, "marker": {"color": colours.clean}}
            | {"hovertemplate": "%{customdata}: %{x:.2%}<extra>clean</extra>"}
        )
        moving += [
            bar
            | {"width": 0.36, "marker": {"color": colours.adversarial}}
            | {"hovertemplate": "%{customdata}: %{x:.2%}<extra>under attack</extra>"},
            {"type": "scatter", "mode": "text", "x": [1.012] * len(levels), "y": levels, "cliponaxis": False}
            | {"textposition": "middle right", "textfont": {"size": 12}, "hoverinfo": "skip", **where},
        ]
        axes |= _axes(k + i, (LEFT, RIGHT)[i], y, names)

    def at(step: int | None) -> list[Dict]:
        found: list[Dict] = []
        for side in two:
            p = side.at(step).p
            found += [
                {"type": "bar", "x": _drawn(p, rows, others)},
                {"type": "scatter", "text": _marks(side.clean.p, p, rows, others)},
            ]
        return found

    return Part(fixed, moving, at, axes=axes)


def _name(side: Side, c: int, setting: Setting) -> str:
    mark = "✓ " if c == side.label else "◎ " if side.targeted and c == side.goal else ""
    return f"<b>{mark}{plain(setting.classes[c])}</b>" if mark else plain(setting.classes[c])


def _pick(p: Array, rows: list[int], others: int) -> list[float]:
    """Return the probabilities of the rows, the last for all other classes together."""
    shown = [float(p[c]) for c in rows]
    return [*shown, max(0.0, 1 - sum(shown))] if others else shown


def _drawn(p: Array, rows: list[int], others: int) -> list[float]:
    return [round(value, 4) for value in _pick(p, rows, others)]


def _marks(clean: Array, now: Array, rows: list[int], others: int) -> list[str]:
    before, after = int(clean.argmax()), int(now.argmax())
    said = [("○" if c == before else "") + ("●" if c == after else "") for c in rows]
    if others:
        said.append(("○" if before not in rows else "") + ("●" if after not in rows else ""))
    pairs = zip(said, _pick(clean, rows, others), _pick(now, rows, others), strict=True)
    return [mark and f"{mark} {percent(p if mark == '○' else q)}" for mark, p, q in pairs]


def _axes(k: int, half: tuple[float, float], y: tuple[float, float], names: list[str]) -> Dict:
    return {
        f"xaxis{k}": {
            "domain": [half[0] + NAMES, half[1]],
            "anchor": f"y{k}",
            "range": [0, REACH],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0", "", "0.5", "", "1"],
            "fixedrange": True,
        },
        f"yaxis{k}": {
            "domain": y,
            "anchor": f"x{k}",
            "range": [len(names) - 0.4, -0.6],
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "showgrid": False,
            "fixedrange": True,
        },
        "barmode": "overlay",
    }
