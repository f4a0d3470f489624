"""How sharp two models' losses are in their weights: all numbers, scattering drawn, as a table, as code."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Curvatures, Curved, Scattered
from explorer.core.stats import Mean
from explorer.core.words import amount
from explorer.figures.forest import ROW, forest
from explorer.figures.frames import Dict, compose, rows
from explorer.figures.headings import dyed, key
from explorer.figures.likeness import Quantity
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.setting import Setting
from explorer.figures.sharpness import eigenvalues, spread
from explorer.figures.style import plain

SNIPPET = '''"""How sharp two models' losses are in their weights, computed again from an address."""

import numpy as np

from explorer import run

found = run({address})
for loss, models in found.curved.items():
    for name, one in models.items():
        values, ball = one.sharp.values, one.ball
        print(f"{{loss}} loss of {{name}}: largest eigenvalue {{values.values[0]:.4g}} ± {{values.errors[0]:.1g}}, "
              f"in the ball from {{ball.losses[0]:.4g}} to {{ball.losses.max():.4g}} or more")
for name, one in found.scattered.items():
    print(f"{{name}}: cosines {{np.nanmean(one.scattering.cosines, axis=(1, 2))}}")
'''
LOSS = {"clean": "clean loss", "adversarial": "loss under attack"}
ROWS: dict[str, Callable[[Curved], Mean]] = {
    "largest eigenvalue": lambda one: _value(one, 0),
    "trace": lambda one: Mean.of(one.sharp.trace.draws),
    "rise in the ball, or more": lambda one: Mean(one.ball.rise, 1, (one.ball.rise, one.ball.rise)),
}
BOUNDS = {
    "largest eigenvalue": "by its residual, an eigenvalue lies from",
    "trace": "of {n:,} random draws, 95 % interval",
    "rise in the ball, or more": "",
}  # what the interval of each is


def curvatures(found: Curvatures, setting: Setting, what: str, *, dark: bool = False) -> go.Figure:
    """Draw "numbers", "eigenvalues", the eigenvalues' "density", or the "scattering" of perturbations."""
    hessians = found.sharpness
    if what == "scattering":
        return _scattering(found, setting, dark)
    if what == "numbers" or hessians is None:
        return _numbers(found, setting, dark)
    return (eigenvalues if what == "eigenvalues" else spread)(hessians, setting, {}, dark=dark)


def quantities(found: Curvatures, setting: Setting) -> list[Quantity]:
    """Return every number, by model; those of the two losses have a scale each."""
    known = [
        Quantity(
            f"{words}, {LOSS[loss]}", f"{words} {loss}", _named(found, models, setting, make), interval=BOUNDS[words]
        )
        for words, make in ROWS.items()
        for loss, models in found.curved.items()
    ]
    if found.scattered:
        first = next(iter(found.scattered.values())).scattering
        sizes, ways = first.sizes, first.cosines.shape[1]
        over = f"mean over n = {{n:,}} pictures, 95 % interval, given {amount(ways, 'direction')} of the weights,"
        for k, size in enumerate(sizes.tolist()):
            words = f"cosine of perturbations after weights move by {100 * size:g} % of each filter"
            known.append(Quantity(words, "cosine", _turned(found, setting, partial(after, k=k)), interval=over))
        words = "the same from another random start, at the same weights"
        known.append(Quantity(words, "cosine", _turned(found, setting, again)))
    return known


def after(found: Scattered, k: int) -> Mean | None:
    """Return the mean cosine between perturbations before and after the k-th move, over pictures."""
    return known_mean(turns(found, k))


def again(found: Scattered) -> Mean | None:
    """Return the mean cosine between perturbations from two random starts, over pictures."""
    return known_mean(np.where(found.still, np.nan, found.scattering.again))


def turns(found: Scattered, k: int) -> Array:
    """Return each picture's mean over the directions, (N,); NaN where a perturbation is zero or its random start."""
    return np.asarray(np.where(found.still, np.nan, found.scattering.cosines[k].mean(0, dtype=np.float64)))


def known_mean(values: Array) -> Mean | None:
    """Return the mean of those values that are finite; None of fewer than two."""
    known = values[np.isfinite(values)].astype(np.float64)
    return Mean.of(known) if len(known) > 1 else None


def _value(one: Curved, k: int) -> Mean:
    value, error = float(one.sharp.values.values[k]), float(one.sharp.values.errors[k])
    return Mean(value, 1, (value - error, value + error))


def _named(
    found: Curvatures, models: Mapping[str, Curved], setting: Setting, make: Callable[[Curved], Mean]
) -> dict[str, Mean | None]:
    return {name: make(one) for name, one in zip(setting.names, models.values(), strict=False)}


def _turned(found: Curvatures, setting: Setting, make: Callable[[Scattered], Mean | None]) -> dict[str, Mean | None]:
    return {name: make(one) for name, one in zip(setting.names, found.scattered.values(), strict=False)}


def _marks(found: Curvatures, setting: Setting, dark: bool) -> list[Mark]:
    some = next(iter(found.curved.values()), found.scattered)
    return lineup(setting.names[: len(some)], dark)


def _numbers(found: Curvatures, setting: Setting, dark: bool) -> go.Figure:
    known, marks = quantities(found, setting), _marks(found, setting, dark)
    height, y = rows(key=26, numbers=ROW * max(len(known), 1))
    words = [dyed(f"{mark.sign} {plain(mark.name)}", mark.colour) for mark in marks]
    parts = [key([*words, f"n = {found.n:,} pictures"], y["key"], dark), forest(known, marks, y["numbers"], 1, dark)]
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _scattering(found: Curvatures, setting: Setting, dark: bool) -> go.Figure:
    """Draw the mean cosine against the size of the move, and that of another start, dashed."""
    traces: list[Dict] = []
    marks, reach = _marks(found, setting, dark), 0.0
    for mark, one in zip(marks, found.scattered.values(), strict=True):
        turned, label = one.scattering, f"{mark.sign} {plain(mark.name)}"
        x, reach = 100 * turned.sizes, 100 * float(turned.sizes.max())
        known = [(at, mean) for k, at in enumerate(x.tolist()) if (mean := after(one, k)) is not None]
        label += f", n = {known[0][1].n:,}" if known else ", none to compare"
        low, high = ([abs(mean.interval[j] - mean.value) for _, mean in known] for j in (0, 1))
        error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": mark.colour}
        line: Dict = {"type": "scatter", "mode": "lines+markers", "name": label, "x": [at for at, _ in known]}
        line |= {"y": [mean.value for _, mean in known], "error_y": error | {"width": 4, "thickness": 1.5}}
        line |= {"marker": {"symbol": mark.symbol, "size": 9, "color": mark.colour}, "line": {"color": mark.colour}}
        traces.append(line | {"hovertemplate": f"cosine %{{y:.3f}} at %{{x:g}} %<extra>{label}</extra>"})
        if (other := again(one)) is not None:
            level: Dict = {"type": "scatter", "mode": "lines", "x": [0, 1.05 * reach], "y": [other.value] * 2}
            level |= {"name": f"{label}: another start", "line": {"color": mark.colour, "width": 1.5, "dash": "dash"}}
            told = f"cosine %{{y:.3f}} between two starts at the same weights<extra>{label}</extra>"
            traces.append(level | {"hovertemplate": told})
    layout = framed(dark, 430)
    layout["xaxis"] = {"title": {"text": "move of the weights, in % of each filter's length"}, "fixedrange": True}
    layout["xaxis"] |= {"range": [0, 1.05 * reach]}
    up = {"text": "cosine with the perturbation before"}
    layout["yaxis"] = {"title": up, "fixedrange": True, "range": [min(0.0, _lowest(traces)), 1.02]}
    return go.Figure(data=traces, layout=layout)


def _lowest(traces: Sequence[Dict]) -> float:
    return float(min((min(trace["y"], default=0.0) for trace in traces), default=0.0))


def snippet(address: str) -> str:
    """Return Python that computes the numbers of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(found: Curvatures, setting: Setting) -> bytes:
    """Return every number with its interval as CSV (RFC 4180)."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found, setting))
    return out.getvalue().encode()


def _rows(found: Curvatures, setting: Setting) -> Iterator[tuple[Any, ...]]:
    yield "model", "what", "value", "low", "high", "interval", "n pictures"
    for one in quantities(found, setting):
        for name, mean in one.means.items():
            ends = (mean.value, *mean.interval) if mean else ("", "", "")
            told, n = one.interval.format(n=mean.n) if mean else "", found.n
            if one.axis == "cosine":
                n = mean.n if mean else 0
            yield name, one.words, *ends, told, n
    for loss, models in found.curved.items():
        for name, each in zip(setting.names, models.values(), strict=False):
            for k in range(1, len(each.sharp.values.values)):
                mean = _value(each, k)
                yield (
                    name,
                    f"eigenvalue {k + 1}, {LOSS[loss]}",
                    mean.value,
                    *mean.interval,
                    BOUNDS["largest eigenvalue"],
                    found.n,
                )
