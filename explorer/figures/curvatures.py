"""How sharp two models' losses are in their weights: all numbers, scattering drawn, told, as a table, as code."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Ball, Curvatures, Curved, Scattered
from explorer.core.stats import Mean, Median, Rate
from explorer.core.words import amount, minus
from explorer.figures.forest import ROW, forest
from explorer.figures.frames import Dict, compose, rows
from explorer.figures.headings import dyed, key
from explorer.figures.likeness import Quantity
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.setting import Setting
from explorer.figures.sharpness import compared, eigenvalues, numbers_of, spread
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
    return _mean(_cosines(found, k))


def again(found: Scattered) -> Mean | None:
    """Return the mean cosine between perturbations from two random starts, over pictures."""
    return _mean(np.where(found.still, np.nan, found.scattering.again))


def _cosines(found: Scattered, k: int) -> Array:
    """Return each picture's mean over the directions, (N,); NaN where a perturbation is zero or its random start."""
    return np.asarray(np.where(found.still, np.nan, found.scattering.cosines[k].mean(0, dtype=np.float64)))


def _mean(values: Array) -> Mean | None:
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


def told(found: Curvatures, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what was found, a sentence each: the numbers of each model, then how they compare."""
    return [*counted(found, setting), *follows(found, setting)]


def counted(found: Curvatures, setting: Setting) -> list[str]:
    """Return the numbers of each model, a sentence each."""
    lines = [] if found.sharpness is None else numbers_of(found.sharpness, setting)
    for loss, models in found.curved.items():
        balls = [(name, one.ball) for name, one in zip(setting.names, models.values(), strict=False)]
        lines += [_in_ball(name, ball, LOSS[loss]) for name, ball in balls]
    return [minus(line) for line in [*lines, *_scatters(found, setting), *_steep(found, setting)]]


def follows(found: Curvatures, setting: Setting) -> list[str]:
    """Return how the models compare, a sentence each; the last says how the numbers were made."""
    stays = [(name, still) for name, still in _still(found, setting) if still.any()]
    lines = [] if found.sharpness is None else compared(found.sharpness, setting, clean=bool(stays))
    lines += [_stays(name, still, found) for name, still in stays]
    turned, loose = [_cosines(one, 0) for one in found.scattered.values()], any(still.all() for _, still in stays)
    if len(turned) == 2 and not loose and (difference := _mean(turned[0] - turned[1])) is not None:
        size = 100 * float(next(iter(found.scattered.values())).scattering.sizes[0])
        lines.append(_more(*setting.names, difference, size))
    return [minus(line) for line in [*lines, _limits(found, setting)]]


def _still(found: Curvatures, setting: Setting) -> list[tuple[str, Array]]:
    """Return at which pictures the attack on each model had no gradient to follow."""
    stills = [one.still for one in found.scattered.values()]
    stills = stills or [one.still for one in found.curved.get("adversarial", {}).values()]
    return list(zip(setting.names, stills, strict=False))


def _stays(name: str, still: Array, found: Curvatures) -> str:
    """Return at how many pictures there is nothing that an attack made."""
    if still.all():
        return (
            f"The {name} model's gradient is zero at all {len(still):,} pictures: under attack these are random "
            "starts, and there is nothing to compare."
        )
    rate, what = Rate(int(still.sum()), len(still)), []
    if "adversarial" in found.curved:
        what.append("the losses under attack are not compared")
    if found.scattered:
        what.append("how perturbations turn is told of the others")
    return (
        f"The {name} model's gradient is zero at {rate} of the pictures, which stay random starts: {', '.join(what)}."
    )


def _in_ball(name: str, ball: Ball, loss: str) -> str:
    first, one, worst = float(ball.losses[0]), float(ball.losses[1]), float(ball.losses.max())
    return (
        f"Within a ball of {100 * ball.share:g} % of the length of all weights the {name} model's {loss} rises from "
        f"{first:.3g} to {worst:.3g} or more; the one step that sharpness-aware minimisation takes reaches {one:.3g}."
    )


def _scatters(found: Curvatures, setting: Setting) -> list[str]:
    """Return how far perturbations turn."""
    lines = []
    for name, one in zip(setting.names, found.scattered.values(), strict=False):
        turned = one.scattering
        moved, other = after(one, 0), again(one)
        if one.still.all():  # told where the models are compared
            continue
        if moved is None or other is None:
            lines.append(f"On the {name} model too few perturbations have a length to say how they turn.")
            continue
        lines.append(
            f"When weights move by {100 * turned.sizes[0]:g} % of each filter's length, the perturbations on the "
            f"{name} model keep a cosine of {moved}; from another random start on the same weights it is "
            f"{other.value:.3g}."
        )
    return lines


def _more(one: str, other: str, difference: Mean, size: float) -> str:
    """Return on which model perturbations turn more after a move of `size` percent, if the interval tells."""
    low, high = difference.interval
    start = f"When weights move by {size:g} %, perturbations on"
    if low <= 0 <= high:
        return f"{start} neither model turn more than on the other, as far as n = {difference.n:,} pictures tell."
    more, less = (one, other) if difference.value < 0 else (other, one)
    low, high = sorted((abs(low), abs(high)))
    return (
        f"{start} the {more} model turn more than those on the {less} model: picture by picture the cosine is lower "
        f"by {abs(difference.value):.3g} (n = {difference.n:,}, 95 % interval {low:.3g} to {high:.3g})."
    )


def _steep(found: Curvatures, setting: Setting) -> list[str]:
    lines = []
    for name, one in zip(setting.names, found.scattered.values(), strict=False):
        steep = one.steepness
        some = ~one.still & np.isfinite(steep.pictures) & np.isfinite(steep.chance)
        if not some.any():
            continue
        median, chance = Median.of(steep.pictures[some]), Median.of(steep.chance[some])
        lines.append(
            f"From a picture to its attacked one the gradient in the {name} model's weights changes by {median} for "
            f"each unit of ℓ2, in the median; to a random picture as far away by {chance.value:.2g}. These are lower "
            "bounds of local Lipschitz constants."
        )
    return lines


def _limits(found: Curvatures, setting: Setting) -> str:
    attack = f" Attacks keep to {setting.eps_text} in {setting.symbol}, with {amount(found.steps, 'step')}."
    under = "adversarial" in found.curved or found.scattered
    bars = (
        " Error bars of eigenvalues and traces are those of the computation on these pictures, and say nothing of "
        "others. What rises in a ball is the highest loss found: the true one is at least that."
    )
    cosines = ""
    if found.scattered:
        ways = next(iter(found.scattered.values())).scattering.cosines.shape[1]
        cosines = (
            f" Cosines are means over pictures, of each its mean over {amount(ways, 'random direction')} of the "
            "weights; intervals are over pictures, given these directions."
        )
    return (
        f"Made of the first {amount(found.n, 'test picture')}.{bars if found.curved else ''}{attack if under else ''}"
        f"{cosines} Batch norm counts with its kept statistics."
    )


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
