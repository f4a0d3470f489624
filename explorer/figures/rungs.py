"""Bounds of how steep two models' margins are, as a ladder of bars: drawn, told, as a table, as code."""

import csv
from io import StringIO

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Ladder, Ladders
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.methods import seconds
from explorer.figures.setting import Setting
from explorer.figures.style import SIGNS, palette, plain

SNIPPET = '''"""How steep two models' margins can be around one picture, computed again from an address."""

from explorer import run

found = run({address})
for model, ladder in found.models.items():
    for rung, bounds in ladder.bounds.items():
        print(f"{{model}}, {{rung}}: {{bounds[ladder.rival]:.4g}}, proves {{ladder.radii.get(rung, 0):.4g}}")
'''
BELOW = "sampled"
TITLES = {
    "product": "Product of layer norms",
    "path": "1-path norm",
    "half path": "Halved 1-path norm",
    "lipopt 2": "LiPopt, level 2",
    "lipopt 3": "LiPopt, level 3",
    "corners": "All ReLUs' slopes tried",
    BELOW: "Largest gradient met",
}
ROW, NAMES, ENDS = 34, 0.19, ((0.19, 0.587), (0.603, 1.0))
TIMES = 1.45  # of the logarithmic axis, with room for times


def rungs(view: Ladders, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw every rung of both models' ladders on one logarithmic scale, the loosest above, with the seconds it took."""
    colours = palette(dark)
    known = [name for name in TITLES if any(name in one.bounds or name in one.refused for one in view.models.values())]
    height, y = rows(key=24, head=44, bars=ROW * max(len(known), 2) + 8, ticks=50)
    both = "".join(dyed("■", colour) for colour in colours.models)
    words = [
        f"{both} no change makes the margin fall faster (proved)",
        "◇ so fast it does fall somewhere",
        "right: seconds",
    ]
    parts, ends = [key(words, y["key"], dark)], _ends(view)
    for i, (model, name) in enumerate(zip(view.order, setting.names, strict=False)):
        one = view.models.get(model)
        head = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(name)}</b>", colours.models[i])
        text = f"{head}<br>{verdict(one, setting)}"
        parts.append(Part(notes=[note(text, ENDS[i][0], y["head"]) | {"font": {"size": 14, "color": colours.ink}}]))
        parts.append(_bars(one, known, i, ends, y["bars"], dark))
    for row, name in enumerate(known):
        place = {"xref": "paper", "yref": "y1", "x": 0, "y": row, "xanchor": "left", "yanchor": "middle"}
        words_ = {"text": TITLES[name], "showarrow": False, "borderpad": 0, "font": {"size": 13, "color": colours.ink}}
        parts.append(Part(notes=[place | words_]))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def verdict(one: Ladder | None, setting: Setting) -> str:
    """Return in few words what a ladder proves."""
    if one is None:
        return "nothing is known of this model"
    margin, radii = float(one.margins[one.rival]), one.radii
    if margin <= 0:
        return "wrong by itself: there is no margin"
    best = max(radii.values(), default=0.0)
    return (
        f"margin {margin:.3g}, proved to {setting.length(best)}" if best else f"margin {margin:.3g}, nothing is proved"
    )


def _ends(view: Ladders) -> tuple[float, float]:
    values = [float(bound[one.rival]) for one in view.models.values() for bound in one.bounds.values()]
    finite = [np.log10(value) for value in values if 0 < value < np.inf]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    return low - 0.12 * max(high - low, 0.5), high + 0.05 * max(high - low, 0.5)


def _bars(
    one: Ladder | None, known: list[str], i: int, ends: tuple[float, float], y: tuple[float, float], dark: bool
) -> Part:
    colours, k, part = palette(dark), i + 1, Part()
    far = ends[1] + (TIMES - 1) * (ends[1] - ends[0])
    on: Dict = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    for row, name in enumerate(known):
        if one is None or name not in one.bounds:
            part.notes.append(_text("not here", 10 ** ends[0], row, k, colours.soft))
            continue
        value = float(one.bounds[name][one.rival])
        part.notes.append(_text(seconds(one.seconds[name]), 10**far, row, k, colours.soft, "right"))
        told = f"{plain(TITLES[name])}: {value:.4g}<extra>{'AB'[i]}</extra>"
        if name == BELOW:
            mark = {"symbol": "diamond-open", "size": 13, "color": colours.models[i], "line": {"width": 2.5}}
            dot: Dict = {"type": "scatter", "mode": "markers", "x": [value], "y": [row], "marker": mark}
            part.fixed.append(dot | on | {"hovertemplate": told})
        else:
            bar: Dict = {"type": "bar", "orientation": "h", "x": [value], "y": [row], "width": [0.62]}
            part.fixed.append(bar | on | {"marker": {"color": colours.models[i]}, "hovertemplate": told})
        beside = {"xshift": 10 if name == BELOW else 4}  # of the diamond's middle, or of the bar's end
        part.notes.append(_text(f"{value:.3g}", value, row, k, colours.ink) | beside)
    across: Dict = {"domain": ENDS[i], "anchor": f"y{k}", "type": "log", "range": [ends[0], far], "fixedrange": True}
    across |= {
        "title": {"text": "change of the margin per length, at most"},
        "nticks": 6,
        "exponentformat": "power",
        "tickfont": {"size": 10},
    }
    up = {"domain": y, "anchor": f"x{k}", "range": [len(known) - 0.4, -0.6], "showticklabels": False, "showgrid": False}
    return Part(part.fixed, notes=part.notes, axes={f"xaxis{k}": across, f"yaxis{k}": up | {"fixedrange": True}})


def _text(text: str, x: float, row: int, k: int, colour: str, side: str = "left") -> Dict:
    at = float(np.log10(x)) if x > 0 else 0.0  # annotations on a logarithmic axis stand at the exponent
    place = {"xref": f"x{k}", "yref": f"y{k}", "x": at, "y": row, "xanchor": side, "yanchor": "middle"}
    return place | {"text": text, "showarrow": False, "borderpad": 2, "font": {"size": 12, "color": colour}}


def told(view: Ladders, setting: Setting) -> list[str]:
    """Return how steep each model can be and what that proves, a sentence each, and which rungs are not there."""
    lines = []
    for model, name in zip(view.order, setting.names, strict=False):
        if (one := view.models.get(model)) is None:
            continue
        rival = setting.classes[one.rival]
        where = "everywhere" if one.eps is None else f"within {setting.length(one.eps, one.norm)} of the picture"
        proofs = {rung: float(bound[one.rival]) for rung, bound in one.bounds.items() if rung != BELOW}
        tightest = min(proofs, key=lambda rung: proofs[rung])
        line = (
            f"The margin of the {name} model over “{rival}” falls by at most {proofs[tightest]:.3g} per length "
            f"{where} ({TITLES[tightest]})"
        )
        met = one.bounds.get(BELOW)
        line += f"; somewhere it does by {float(met[one.rival]):.3g}." if met is not None else "."
        best = max(one.radii, key=lambda rung: one.radii[rung])
        sure = setting.length(one.radii[best], one.norm) if one.radii[best] else "nothing"
        lines.append(f"{line} Over all rivals that proves {sure} ({TITLES[best]}).")
        reasons: dict[str, list[str]] = {}
        for rung, why in one.refused.items():
            reasons.setdefault(why, []).append(TITLES[rung])
        lines += [f"Not on the {name} model: {', '.join(rungs_)}. {why}" for why, rungs_ in reasons.items()]
    return [*lines, *dict.fromkeys(view.refused.values())]


def snippet(address: str) -> str:
    """Return Python that computes the ladders of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(view: Ladders, setting: Setting) -> bytes:
    """Return every rung's bound of each margin as CSV (RFC 4180)."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("model", "rung", "rival", "margin", "bound", "radius over all rivals", "seconds"))
    for letter, name, model in zip("AB", setting.names, view.order, strict=False):
        if (one := view.models.get(model)) is None:
            continue
        for rung, bounds in one.bounds.items():
            for c, bound in enumerate(bounds.tolist()):
                if c != one.label:
                    row = (f"{letter} {name}", rung, setting.classes[c], float(one.margins[c]), bound)
                    writer.writerow((*row, one.radii.get(rung, ""), one.seconds[rung]))
    return out.getvalue().encode()
