"""The study of sparse binary networks: drawn."""

import plotly.graph_objects as go

from explorer.core.results import Experiment, Trials
from explorer.figures.experiments import mean_of
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.headings import dyed, key
from explorer.figures.kinds import COLOURS, DASHES, SIGNS, SYMBOLS, place
from explorer.figures.style import palette, plain

LAYERS = ("conv 1", "conv 2", "conv 3", "linear")
POWERS = (0.0, 0.1, 0.5, 1.0)  # p of the adaptive pruning
OTHERS = ("bare_10", "dense_small")  # kinds that are no pruning of these powers


def sparsed(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw robustness against what is kept, each layer's share, empty channels beside chance, and bits."""
    height, y = rows(key=66, above=26, first=240, ticks=66, second=240, end=50)
    parts = [_legend(found, y["key"], dark), _kept(found, 1, y["first"], dark), _layers(found, 2, y["first"], dark)]
    parts += [_empty(found, 3, y["second"], dark), _bits(found, 4, y["second"], dark)]
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _look(one: Trials) -> int:
    """Return which look of a kind: that of its power, or one of those behind."""
    if one.name in OTHERS:
        return len(POWERS) + OTHERS.index(one.name)
    return POWERS.index(one.settings["network"]["p"])


def _legend(found: Experiment, y: tuple[float, float], dark: bool) -> Part:
    words = [dyed(f"{SIGNS[i]} p = {p:g}", COLOURS[i]) for i, p in enumerate(POWERS)]
    names = {one.name: one for one in found.trials}
    others = [dyed(f"{SIGNS[_look(names[n])]} {plain(names[n].title)}", COLOURS[_look(names[n])]) for n in OTHERS]
    last = "symbol: mean over seeds, bar: its 95 % interval"
    return key(["<br>".join(["   ".join(words), "   ".join(others), last])], y, dark)


def _point(one: Trials, figure: str, x: float, on: Dict, told: str) -> Dict:
    """Return a kind's mean of a figure, with its interval, at a place across."""
    i, mean = _look(one), mean_of(one, figure)
    assert mean is not None
    low, high = mean.interval
    bar = {"type": "data", "symmetric": False, "array": [high - mean.value], "arrayminus": [mean.value - low]}
    found: Dict = on | {"mode": "markers", "x": [x], "y": [mean.value], "error_y": bar | {"color": COLOURS[i]}}
    found |= {"marker": {"color": COLOURS[i], "symbol": SYMBOLS[i], "size": 11}}
    return found | {"hovertemplate": f"{told}: {mean.share}<extra>{SIGNS[i]} {plain(one.title)}</extra>"}


def _pruned(found: Experiment) -> list[Trials]:
    return [one for one in found.trials if one.name not in OTHERS]


def _kept(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(k, "share of the weights that is kept", "accuracy", y, share=True)
    keeps = sorted({one.settings["network"]["keep"] for one in _pruned(found)})
    ticks = {"tickvals": list(range(len(keeps))), "ticktext": [f"{keep:.0%}" for keep in keeps]}
    axes[f"xaxis{k}"] |= ticks | {"range": [-0.5, len(keeps) - 0.5]}
    part = Part(axes=axes, notes=[title("<b>Under PGD-20, by what is kept</b>", k, palette(dark).ink)])
    for i, power in enumerate(POWERS):
        some = [one for one in _pruned(found) if _look(one) == i]
        at = [keeps.index(one.settings["network"]["keep"]) + 0.08 * (i - 1.5) for one in some]
        means = [float(one.figures["pgd"].mean()) for one in some]
        line: Dict = on | {"mode": "lines", "x": at, "y": means, "hoverinfo": "skip"}
        part.fixed.append(line | {"line": {"color": COLOURS[i], "width": 1.5, "dash": DASHES[i]}})
        part.fixed.extend(_point(one, "pgd", x, on, f"p = {power:g}") for one, x in zip(some, at, strict=True))
    bare = next(one for one in found.trials if one.name == OTHERS[0])
    part.fixed.append(_point(bare, "pgd", keeps.index(bare.settings["network"]["keep"]) + 0.3, on, "without"))
    return part


def _layers(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(k, "", "share kept", y, share=True)
    axes[f"xaxis{k}"] |= {"tickvals": list(range(len(LAYERS))), "ticktext": LAYERS, "range": [-0.5, len(LAYERS) - 0.5]}
    least = min(one.settings["network"]["keep"] for one in _pruned(found))
    head = f"<b>What is kept of each layer, of {least:.0%} in all</b>"
    part = Part(axes=axes, notes=[title(head, k, palette(dark).ink)])
    for one in _pruned(found):
        if one.settings["network"]["keep"] > least:
            continue
        i, rates = _look(one), one.looked[0]["rates"]
        line: Dict = on | {"mode": "lines+markers", "x": list(range(len(rates))), "y": rates}
        line |= {"line": {"color": COLOURS[i], "width": 1.5, "dash": DASHES[i]}}
        line["marker"] = {"color": COLOURS[i], "symbol": SYMBOLS[i], "size": 9}
        part.fixed.append(line | {"hovertemplate": f"%{{y:.1%}}<extra>{SIGNS[i]} {plain(one.title)}</extra>"})
    return part


def _empty(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(k, "the same of a random choice", "empty channels", y, share=True)
    axes[f"xaxis{k}"] |= {"range": [-0.03, 1.03], "tickformat": ".0%"}
    part = Part(
        axes=axes, notes=[title("<b>Channels without a weight, learned and by chance</b>", k, palette(dark).ink)]
    )
    equal: Dict = on | {"mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip"}
    part.fixed.append(equal | {"line": {"color": palette(dark).soft, "width": 1, "dash": "dot"}})
    for one in _pruned(found):
        part.fixed.append(_point(one, "empty", float(one.figures["by_chance"].mean()), on, "empty"))
    return part


def _bits(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    axes, on = place(k, "bits of the weights", "accuracy", y, share=True)
    axes[f"xaxis{k}"] |= {
        "type": "log",
        "tickvals": [1000, 3000, 10000, 30000],
        "ticktext": ["1,000", "3,000", "10,000", "30,000"],
    }
    part = Part(axes=axes, notes=[title("<b>Under PGD-20, by bits</b>", k, palette(dark).ink)])
    for one in found.trials:
        part.fixed.append(_point(one, "pgd", float(one.figures["bits"].mean()), on, "under PGD-20"))
    return part
