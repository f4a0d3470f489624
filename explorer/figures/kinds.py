"""Kinds of training that are compared: how each is drawn, over the epochs and at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.core.results import Array, Experiment, Trials
from explorer.figures.experiments import COUNTED, SHARES, mean_of
from explorer.figures.frames import Dict, Part
from explorer.figures.halves import panel, title
from explorer.figures.headings import dyed, key
from explorer.figures.style import CLASSES, faint, palette, plain

# neither the colours nor the symbols of models A and B
COLOURS = tuple(CLASSES[i] for i in (0, 2, 1, 8, 5, 9, 3, 7))
SYMBOLS = ("square", "x", "triangle-up", "star", "cross", "pentagon", "hexagon", "bowtie")
SIGNS = "■✖▲★✚⬟⬢⋈"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
FAINT = 0.5  # opacity of single trainings


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of training is drawn: colour, symbol in a plot, sign in words, dash."""

    colour: str
    symbol: str
    sign: str
    dash: str


def kinds(found: Experiment) -> Mapping[str, Kind]:
    """Return how each kind is drawn, by its name."""
    return {one.name: Kind(COLOURS[i], SYMBOLS[i], SIGNS[i], DASHES[i]) for i, one in enumerate(found.trials)}


def legend(found: Experiment, y: tuple[float, float], dark: bool, *, each: int = 3) -> Part:
    """Return the kinds' names in their colours, `each` in a row, and what faint marks are."""
    styles = kinds(found)
    words = [dyed(f"{styles[one.name].sign} {plain(one.title)}", styles[one.name].colour) for one in found.trials]
    lines = ["   ".join(words[i : i + each]) for i in range(0, len(words), each)]
    lines.append("symbol: mean over seeds, bar: its 95 % interval   faint: each seed")
    return key(["<br>".join(lines)], y, dark)


def place(k: int, across: str, up: str, y: tuple[float, float], share: bool = False) -> tuple[Dict, Dict]:
    """Return the axes k, odd ones left, as a layout, and as the traces on them name them."""
    side = 2 - k % 2
    found = panel(side, across, up, y)
    x, v = found[f"xaxis{side}"] | {"anchor": f"y{k}"}, found[f"yaxis{side}"] | {"anchor": f"x{k}"}
    x["title"] = {"text": across, "standoff": 4}
    if share:
        v |= {"range": [-0.03, 1.03], "tickformat": ".0%"}
    return {f"xaxis{k}": x, f"yaxis{k}": v}, {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}"}


def over(
    found: Experiment,
    values: Mapping[str, Array],
    across: Mapping[str, Array],
    k: int,
    words: tuple[str, str, str],
    y: tuple[float, float],
    dark: bool,
    *,
    share: bool = True,
) -> Part:
    """Return a panel of curves: of each kind the mean over its trainings, and each of these faintly.

    values : (S, T) of each kind, by name; kinds that are left out are not drawn; across : (T,) each
    words : the heading, what is across, what is up
    """
    styles, (head, right, up) = kinds(found), words
    axes, on = place(k, right, up, y, share)
    part = Part(axes=axes, notes=[title(f"<b>{head}</b>", k, palette(dark).ink)])
    for name, some in values.items():
        style, x = styles[name], across[name].tolist()
        line: Dict = on | {"x": x, "mode": "lines", "hoverinfo": "skip"}
        line |= {"line": {"color": faint(style.colour, FAINT), "width": 1}}
        part.fixed.extend(line | {"y": one.tolist()} for one in some)
        told = "%{y:.1%}" if share else "%{y:.3g}"
        mean: Dict = on | {"x": x, "y": some.mean(0).tolist(), "mode": "lines+markers"}
        mean |= {"line": {"color": style.colour, "width": 2, "dash": style.dash}}
        mean |= {"marker": {"color": style.colour, "symbol": style.symbol, "size": 7}}
        name_of = plain(found.of(name).title)
        part.fixed.append(mean | {"hovertemplate": f"%{{x:.3g}}: {told}<extra>{style.sign} {name_of}, mean</extra>"})
    return part


def ends(
    found: Experiment,
    figure: str,
    k: int,
    words: tuple[str, str],
    y: tuple[float, float],
    dark: bool,
    *,
    names: Sequence[str] = (),
) -> Part:
    """Return a panel of one figure: of each kind the mean with its interval, and each training faintly.

    names : the kinds that are drawn, all that have the figure by default; words : the heading, what is up
    """
    styles, share = kinds(found), figure in SHARES
    axes, on = place(k, "", words[1], y, share)
    shown = [one for one in found.trials if mean_of(one, figure) and (not names or one.name in names)]
    axes[f"xaxis{k}"] |= {"tickvals": list(range(len(shown))), "range": [-0.6, len(shown) - 0.4]}
    axes[f"xaxis{k}"] |= {"ticktext": [f"<b>{styles[one.name].sign}</b>" for one in shown], "showgrid": False}
    if figure in COUNTED:
        axes[f"yaxis{k}"] |= {
            "range": [-0.01, 1.3 * max((float(one.figures[figure].max()) for one in shown), default=1.0) + 0.02]
        }
    part = Part(axes=axes, notes=[title(f"<b>{words[0]}</b>", k, palette(dark).ink)])
    for i, one in enumerate(shown):
        style, mean = styles[one.name], mean_of(one, figure)
        assert mean is not None
        seeds: Dict = on | {"mode": "markers", "x": _beside(i, len(one.seeds)), "y": one.figures[figure].tolist()}
        seeds |= {"marker": {"color": faint(style.colour, FAINT), "size": 6, "line": {"width": 0}}}
        seeds |= {"hovertemplate": f"{'%{y:.1%}' if share else '%{y:.3g}'}<extra>{plain(one.title)}, one seed</extra>"}
        low, high = mean.interval
        bar = {"type": "data", "symmetric": False, "array": [high - mean.value], "arrayminus": [mean.value - low]}
        middle: Dict = on | {"mode": "markers", "x": [i], "y": [mean.value], "error_y": bar | {"color": style.colour}}
        middle |= {"marker": {"color": style.colour, "symbol": style.symbol, "size": 11}}
        told = mean.share if share else str(mean)
        part.fixed.extend([seeds, middle | {"hovertemplate": f"{told}<extra>{style.sign} {plain(one.title)}</extra>"}])
    return part


def _beside(i: int, count: int) -> list[float]:
    """Return places a little beside the mean's, one for each seed."""
    return [i + 0.22 + 0.07 * (j - (count - 1) / 2) for j in range(count)]


def epochs(one: Trials) -> Array:
    """Return the epochs of a kind, (E,)."""
    found: Array = one.history["epoch"][0]
    return found


def seconds(one: Trials) -> Array:
    """Return the processor seconds that a kind's training has taken after each epoch, the mean over seeds, (E,)."""
    found: Array = np.cumsum(one.history["cpu"].mean(0))
    return found
