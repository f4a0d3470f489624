"""Certified accuracy against budget: what is proved, what stands under attack, and the gap between."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Bracket, Proofs
from explorer.core.stats import Rate
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import panel, title
from explorer.figures.headings import dyed, key
from explorer.figures.lineup import Mark, lineup
from explorer.figures.methods import BROKEN, Method, best, certified_by
from explorer.figures.ruler import GAP
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

FINE = 129  # points of a curve
DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
STROKES = ("╌╌", "···", "─·", "── ──", "──·", "──")
LEAST = 0.03  # of the axis: a method that proves less of every picture is not drawn


def certified(proofs: Proofs, setting: Setting, methods: Mapping[str, Method], *, dark: bool = False) -> go.Figure:
    """Draw, model A left and model B right, the share of pictures proved safe and that of those that stand."""
    names = drawn(proofs, methods)
    height, y = rows(key=46, head=24, planes=380, ticks=50)
    eps, marks = np.linspace(0, proofs.top, FINE), lineup(setting.names[: len(proofs.models)], dark)
    parts = [key(["<br>".join("   ".join(line) for line in _words(names, methods, marks, dark))], y["key"], dark)]
    for i, (mark, some) in enumerate(zip(marks, proofs.models.values(), strict=True)):
        up = "share of the pictures" if i == 0 else ""
        axes = panel(i + 1, f"budget in {setting.symbol}, in 1/{setting.unit}", up, y["planes"])
        axes[f"xaxis{i + 1}"] |= {"range": [0, proofs.top * setting.unit]}
        axes[f"yaxis{i + 1}"] |= {"range": [-0.02, 1.04], "tickformat": ".0%"}
        part = Part(_curves(some, methods, names, mark, i + 1, eps, setting, dark), axes=axes)
        part.notes.append(title(f"<b>{mark.sign} {plain(mark.name)}</b>", i + 1, mark.colour))
        at = setting.budget * setting.unit
        line = {"type": "line", "xref": f"x{i + 1}", "yref": f"y{i + 1}", "x0": at, "x1": at, "y0": 0, "y1": 1.04}
        part.shapes.append(line | {"line": {"color": palette(dark).budget, "width": 1.5, "dash": "dash"}})
        parts.append(part)
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def drawn(proofs: Proofs, methods: Mapping[str, Method]) -> list[str]:
    """Return the methods whose curves are drawn: those that say anything of a picture."""
    least = LEAST * proofs.top
    return [
        name
        for name in methods
        if name != BROKEN and any(name in some and some[name].low.max() > least for some in proofs.models.values())
    ]


def _words(names: list[str], methods: Mapping[str, Method], marks: list[Mark], dark: bool) -> list[list[str]]:
    colours = palette(dark)
    both = "".join(dyed("━", mark.colour) for mark in marks)
    first = [f"{both} <b>proved</b> by any method", f"{dyed('━', colours.adversarial)} stand under attack"]
    first += [f"{dyed('▨', colours.soft)} nobody knows", "╎ budget", "bands: 95 % Wilson"]
    second = [f"{STROKES[j % 6]} {_called(methods[name])}" for j, name in enumerate(names)]
    return [first, second]


def _called(method: Method) -> str:
    return f"{plain(method.title)} (only probable)" if method.says == "probable" else plain(method.title)


def _curves(
    some: Mapping[str, Bracket],
    methods: Mapping[str, Method],
    names: list[str],
    mark: Mark,
    k: int,
    eps: Array,
    setting: Setting,
    dark: bool,
) -> list[Dict]:
    x, on = eps * setting.unit, {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    found: list[Dict] = []
    proved, known = proved_by(some, methods), some.get(BROKEN)
    n = len(next(iter(some.values())).labels)
    sure = np.array([proved.certified(e).sum() for e in eps]) if proved is not None else np.zeros(len(eps))
    if known is not None:
        stands = np.array([known.standing(e).sum() for e in eps])
        found += _rated(x, stands, n, palette(dark).adversarial, f"stand under attack<extra>{mark.sign}</extra>", on)
    if proved is not None:
        found += _rated(x, sure, n, mark.colour, f"proved safe<extra>{mark.sign}</extra>", on, width=3.5)
    if known is not None:
        edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"} | on
        upper = np.maximum(stands, sure) / n
        pattern = {"shape": "/", "fgcolor": GAP, "bgcolor": "rgba(0,0,0,0)", "size": 9, "solidity": 0.16}
        around = {"x": np.concatenate([x, x[::-1]]), "y": np.concatenate([upper, sure[::-1] / n])}
        found.insert(0, edge | around | {"fill": "toself", "fillpattern": pattern})
    for j, name in enumerate(names):
        if name not in some:
            continue
        share = np.array([certified_by(methods[name], some[name], e).mean() for e in eps])
        line: Dict = {"type": "scatter", "mode": "lines", "x": x, "y": share}
        look = {"color": mark.colour, "width": 1.6, "dash": DASHES[j % 6]}
        told = f"%{{y:.1%}} at %{{x:.3g}}: {plain(methods[name].title)}<extra>{mark.sign}</extra>"
        found.append(line | on | {"line": look, "hovertemplate": told})
    return found


def proved_by(some: Mapping[str, Bracket], methods: Mapping[str, Method]) -> Bracket | None:
    """Return what all proofs of a model say together: each picture's largest radius; None where none says anything."""
    lows = best(some, methods)
    if lows is None:
        return None
    first = next(iter(some.values()))
    high = np.full(len(lows), np.inf, np.float32)
    return Bracket(first.labels, first.said, lows, high, sum(one.seconds for one in some.values()))


def _rated(x: Array, hits: Array, n: int, colour: str, words: str, on: Dict, width: float = 2.5) -> list[Dict]:
    """Return a curve of shares and its band."""
    ends = np.array([Rate(int(hit), n).interval for hit in hits])
    band: Dict = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "fill": "toself", "fillcolor": colour}
    band |= {"x": np.concatenate([x, x[::-1]]), "y": np.concatenate([ends[:, 1], ends[::-1, 0]]), "opacity": 0.13}
    line: Dict = {"type": "scatter", "mode": "lines", "x": x, "y": hits / n, "line": {"color": colour, "width": width}}
    told = f"%{{y:.1%}} (%{{customdata[0]:.1%}} to %{{customdata[1]:.1%}}) at %{{x:.3g}}: {words}"
    return [band | on | {"hoverinfo": "skip"}, line | on | {"customdata": ends, "hovertemplate": told}]


def errors(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[dict[str, Any]]:
    """Return a row for each model and method: its clean, attacked and certified error at the budget, with intervals."""
    found = []
    for letter, name, some in zip("AB", setting.names, proofs.models.values(), strict=False):
        known, n = some.get(BROKEN), len(next(iter(some.values())).labels)
        clean = Rate(int((~next(iter(some.values())).right).sum()), n)
        attacked = "…" if known is None else Rate(int((~known.standing(setting.budget)).sum()), n).cell
        rest = {**some, "": both} if (both := proved_by(some, methods)) is not None else some
        for method, bracket in rest.items():
            if method == BROKEN:
                continue
            asked = not bracket.sentence or bracket.low.any()
            sure = (
                certified_by(methods[method], bracket, setting.budget) if method else bracket.certified(setting.budget)
            )
            rate = Rate(int((~sure).sum()), n)
            found.append(
                {
                    "model": f"{letter} {name}",
                    "method": methods[method].title if method else "any of these that prove",
                    "clean error": clean.cell,
                    "error under attack": attacked,
                    "certified error": rate.cell if asked else "not asked",
                    "seconds a picture": f"{bracket.seconds / n:.2g}" if asked else "",
                }
            )
    return found
