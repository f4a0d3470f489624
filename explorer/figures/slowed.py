"""The study of slow convergence: drawn."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from explorer.core.arms import GUESSING
from explorer.core.results import Array, Experiment, Trials
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.headings import dyed, key
from explorer.figures.kinds import COLOURS, DASHES, FAINT, SIGNS, SYMBOLS, place
from explorer.figures.style import faint, palette, plain

LEFT = ("none", "constant")  # the ways that are drawn at the left; at the right those whose budget grows


def slowed(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw loss, accuracy under attack, gradient and gap over the epochs: constant budgets left, growing ones right."""
    height, y = rows(
        key=48, above=26, loss=200, ticks=62, robust=200, more=62, slope=180, last=62, gap=180, end=50,
    )  # fmt: skip
    parts = [_legend(found, y["key"], dark)]
    ways: list[tuple[str, str, Callable[[Trials], Array], bool]] = [
        ("loss", "Loss in training", lambda one: one.history["loss"], False),
        ("robust", "Test pictures under PGD-10", lambda one: one.history["test_robust"], True),
        ("slope", "Length of the gradient", lambda one: one.history["slope"], False),
        ("gap", "Training ahead of test pictures, under attack", _gap, True),
    ]
    for row, (name, head, values, share) in enumerate(ways):
        for side in (0, 1):
            k = 2 * row + side + 1
            some = [one for one in found.trials if (one.settings["way"] not in LEFT) == bool(side)]
            words = f"{head}: {('constant budget', 'budget grows')[side]}"
            part = _panel(some, found, values, k, words, y[name], share, dark)
            if name == "loss":
                part.fixed.append(_guessing(k, some[0].history["epoch"][0], dark))
            if name == "gap":
                part.axes[f"yaxis{k}"] |= {"range": [-0.06, 0.12]}
            elif not share:
                top = max(float(values(one).max()) for one in found.trials)
                part.axes[f"yaxis{k}"] |= {"range": [0, 1.05 * top]}
            parts.append(part)
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _gap(one: Trials) -> Array:
    """Return by how much training pictures are ahead, of what the training is for, (S, E)."""
    kind = "robust" if one.settings["eps"] else "clean"
    found: Array = one.history[f"train_{kind}"] - one.history[f"test_{kind}"]
    return found


def _look(one: Trials, found: Experiment) -> int:
    """Return which look of a training: that of its budget, the linear warm-up's behind."""
    budgets = sorted({each.settings["eps"] for each in found.trials})
    return budgets.index(one.settings["eps"]) if one.settings["way"] != "warm-up" else len(budgets)


def _legend(found: Experiment, y: tuple[float, float], dark: bool) -> Part:
    words = {_look(one, found): f"eps {one.settings['eps']:g}" for one in found.trials}
    words |= {_look(one, found): "ordinary training" for one in found.trials if one.settings["way"] == "none"}
    words |= {_look(one, found): plain(one.title) for one in found.trials if one.settings["way"] == "warm-up"}
    dyes = [dyed(f"{SIGNS[i]} {text}", COLOURS[i]) for i, text in sorted(words.items())]
    return key(
        ["   ".join(dyes) + "<br>symbol: mean over seeds   faint: each seed   dotted: loss of guessing"], y, dark
    )


def _panel(
    some: list[Trials],
    found: Experiment,
    values: Callable[[Trials], Array],
    k: int,
    head: str,
    y: tuple[float, float],
    share: bool,
    dark: bool,
) -> Part:
    axes, on = place(k, "epoch", "", y, share)
    axes[f"xaxis{k}"] |= {"dtick": 1, "range": [0.8, 3.2]}
    part = Part(axes=axes, notes=[title(f"<b>{head}</b>", k, palette(dark).ink)])
    for one in some:
        i, epoch, drawn = _look(one, found), one.history["epoch"][0].tolist(), values(one)
        each: Dict = on | {"mode": "lines", "x": epoch, "hoverinfo": "skip"}
        each |= {"line": {"color": faint(COLOURS[i], FAINT), "width": 1}}
        part.fixed.extend(each | {"y": row.tolist()} for row in drawn)
        mean: Dict = on | {"mode": "lines+markers", "x": epoch, "y": drawn.mean(0).tolist()}
        mean |= {"line": {"color": COLOURS[i], "width": 2, "dash": DASHES[i]}}
        mean |= {"marker": {"color": COLOURS[i], "symbol": SYMBOLS[i], "size": 8}}
        told = "%{y:.1%}" if share else "%{y:.3g}"
        part.fixed.append(mean | {"hovertemplate": f"epoch %{{x}}: {told}<extra>{SIGNS[i]} {plain(one.title)}</extra>"})
    return part


def _guessing(k: int, epoch: Array, dark: bool) -> Dict:
    """Return the line at the loss of guessing."""
    ends = [float(np.min(epoch)) - 0.2, float(np.max(epoch)) + 0.2]
    line: Dict = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}", "mode": "lines", "x": ends}
    line |= {"y": [GUESSING, GUESSING], "line": {"color": palette(dark).soft, "width": 1.5, "dash": "dot"}}
    return line | {"hovertemplate": "loss of guessing, ln 10<extra></extra>"}
