"""The study of recipes: drawn."""

from collections.abc import Sequence

import plotly.graph_objects as go

from explorer.core.results import Experiment, Trials
from explorer.figures.experiments import mean_of
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.headings import dyed, key
from explorer.figures.setting import budget_text
from explorer.figures.style import palette, plain

ROW = 40  # px of a recipe
NAMES, GAP = 0.2, 0.03  # of the width: for the recipes' names, between the panels
MEASURES = {
    "clean": ("square", "■", "clean"),
    "fgsm": ("triangle-up", "▲", "one step (FGSM)"),
    "pgd": ("cross", "✚", "PGD-20"),
    "apgd": ("star", "★", "Auto-PGD cascade"),
}


def listed(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw what each recipe comes to, a row each, on the data sets beside each other."""
    sets = list(dict.fromkeys(one.settings["data"] for one in found.trials))
    some = {data: [one for one in found.trials if one.settings["data"] == data] for data in sets}
    height, y = rows(key=48, above=26, rows=ROW * max(map(len, some.values())), end=50)
    wide = (1 - NAMES + GAP) / len(sets)
    parts = [_legend(y["key"], dark)]
    for k, data in enumerate(sets, 1):
        left = NAMES + (k - 1) * wide
        parts.append(_panel(some[data], k, data, (left, left + wide - GAP), y["rows"], dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def name_of(one: Trials) -> str:
    """Return what a kind is called where its data set stands above."""
    return one.title.removesuffix(f", on {one.settings['data']}")


def _colour(figure: str, dark: bool) -> str:
    colours = palette(dark)
    return colours.clean if figure == "clean" else colours.adversarial


def _legend(y: tuple[float, float], dark: bool) -> Part:
    words = [dyed(f"{sign} {said}", _colour(figure, dark)) for figure, (_, sign, said) in MEASURES.items()]
    return key(["   ".join(words) + "<br>symbol: mean over seeds, bar: its 95 % interval"], y, dark)


def _panel(
    some: Sequence[Trials], k: int, data: str, x: tuple[float, float], y: tuple[float, float], dark: bool
) -> Part:
    """Return one data set's panel: a row for each recipe, the measures a little below each other."""
    across: Dict = {"domain": x, "anchor": f"y{k}", "range": [-0.03, 1.03], "tickformat": ".0%", "fixedrange": True}
    across |= {"title": {"text": "accuracy"}, "nticks": 6}
    up: Dict = {"domain": y, "anchor": f"x{k}", "range": [len(some) - 0.5, -0.5], "fixedrange": True}
    up |= {"tickvals": list(range(len(some))), "showticklabels": k == 1, "showgrid": False}
    up |= {"ticktext": [plain(name_of(one)) for one in some], "tickfont": {"color": palette(dark).ink, "size": 12.5}}
    budget = budget_text(some[0].settings["eps"], "linf", some[0].settings["unit"])
    part = Part(axes={f"xaxis{k}": across, f"yaxis{k}": up})
    part.notes.append(title(f"<b>{data}</b>, ℓ∞ {budget}", k, palette(dark).ink))
    for i, one in enumerate(some):
        part.fixed.extend(_mark(one, figure, i + 0.2 * (j - 1.5), k, dark) for j, figure in enumerate(MEASURES))
    return part


def _mark(one: Trials, figure: str, at: float, k: int, dark: bool) -> Dict:
    mean, (symbol, sign, said) = mean_of(one, figure), MEASURES[figure]
    assert mean is not None
    low, high = mean.interval
    bar = {"type": "data", "symmetric": False, "array": [high - mean.value], "arrayminus": [mean.value - low]}
    found: Dict = {"type": "scatter", "mode": "markers", "xaxis": f"x{k}", "yaxis": f"y{k}", "x": [mean.value]}
    found |= {"y": [at], "error_x": bar | {"color": _colour(figure, dark), "width": 0, "thickness": 2}}
    found |= {"marker": {"color": _colour(figure, dark), "symbol": symbol, "size": 9}}
    return found | {"hovertemplate": f"{mean.share}, n = {mean.n}<extra>{sign} {plain(name_of(one))}, {said}</extra>"}
