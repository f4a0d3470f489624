"""Whether losses rise as their gradients say, of many pictures: drawn, told, as a table, as code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Bends, Rays, Slopes
from explorer.core.stats import Median, Rate
from explorer.core.words import minus
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import panel, title
from explorer.figures.headings import key
from explorer.figures.lineup import Mark, lineup
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

SNIPPET = '''"""How two models' log odds rise along the sign of gradients, computed again from an address."""

import numpy as np

from explorer import run

found = run({address})
for name, slopes in found.models.items():
    at = np.abs(slopes.own.steps - found.eps).argmin()
    for whose, rays in (("its own", slopes.own), ("the other model's", slopes.other)):
        print(f"{{name}}, along {{whose}} gradient: rise {{np.median(rays.rise[:, at]):.4g}}, "
              f"right {{rays.right[:, at].mean():.3f}}")
'''
MASKED = "That the other's gradient leads further than one's own is a sign that gradients are masked"
LEAST = 6  # pictures: of fewer the median has no interval
NEAR = 0.1  # of the linear rise: what is wholly nearer counts as linear


def climbed(found: Bends, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw the median rise of the log odds along gradients, model A left and B right, and how gradients turn."""
    height, y = rows(key=22, above=24, rays=270, ticks=66, below=24, turns=200, end=50)
    marks = _marks(found, setting, dark)
    words = ["<b>Log odds against the label</b>, medians and middle halves of the pictures", "— own gradient"]
    words += ["╌╌ the other model's gradient", "···· what the own gradient lets expect", f"n = {_count(found):,}"]
    parts = [key(words, y["key"], dark)]
    top, low = _span(found)
    for k, (mark, slopes) in enumerate(zip(marks, found.models.values(), strict=False), 1):
        axes = panel(
            k, f"step along the sign, in 1/{setting.unit}", "rise of the log odds" if k == 1 else "", y["rays"]
        )
        axes[f"yaxis{k}"] |= {"range": [low, top]}
        part = Part(_curves(slopes, mark, k, setting, two=len(found.models) > 1, dark=dark), axes=axes)
        part.notes.append(title(f"<b>{mark.sign} {plain(mark.name)}</b>", k, mark.colour))
        eps = found.eps * setting.unit
        chosen = {"type": "line", "xref": f"x{k}", "yref": f"y{k}", "x0": eps, "x1": eps, "y0": low, "y1": top}
        part.shapes.append(chosen | {"line": {"color": palette(dark).budget, "width": 1.5, "dash": "dash"}})
        parts.append(part)
    parts.append(_turns(found, marks, y["turns"], dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _marks(found: Bends, setting: Setting, dark: bool) -> list[Mark]:
    return lineup(setting.names[: len(found.models)], dark)


def _count(found: Bends) -> int:
    return len(next(iter(found.models.values())).flat)


def _span(found: Bends) -> tuple[float, float]:
    """Return the ends of the axis: every curve's middle half, with room."""
    rays = [ray for slopes in found.models.values() for ray in (slopes.own, slopes.other)]
    ends = [np.nanpercentile(ray.rise, q, axis=0) for ray in rays for q in (25, 75)]
    ends += [np.nan_to_num(np.nanmedian(slopes.own.expected, axis=0)) for slopes in found.models.values()]
    low, high = float(np.min(ends)), float(np.max(ends))
    room = 0.05 * max(high - low, 1.0)
    return high + room, low - room


def _curves(slopes: Slopes, mark: Mark, k: int, setting: Setting, *, two: bool, dark: bool) -> list[Dict]:
    x, on = slopes.own.steps * setting.unit, {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    found: list[Dict] = []
    kinds = [("own gradient", slopes.own.rise, "solid")]
    kinds += [("the other model's gradient", slopes.other.rise, "dash")] if two else []
    for name, rise, dash in kinds:
        low, middle, high = np.percentile(rise, (25, 50, 75), axis=0)
        found.append(_band(x, low, high, mark.colour) | on)
        line: Dict = {"type": "scatter", "mode": "lines", "x": x, "y": middle}
        told = f"%{{y:.3g}} at %{{x:.3g}}<extra>{mark.sign} {name}</extra>"
        found.append(line | on | {"line": {"color": mark.colour, "width": 2.5, "dash": dash}, "hovertemplate": told})
    dotted: Dict = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": np.nan_to_num(np.nanmedian(slopes.own.expected, 0)),
    }
    line = {"color": palette(dark).ink, "width": 1.5, "dash": "dot"}
    return [*found, dotted | on | {"line": line, "hoverinfo": "skip"}]


def _band(x: Array, low: Array, high: Array, colour: str) -> Dict:
    band: Dict = {"type": "scatter", "mode": "lines", "x": np.concatenate([x, x[::-1]]), "line": {"width": 0}}
    return (
        band
        | {"y": np.concatenate([high, low[::-1]]), "fill": "toself", "fillcolor": colour, "opacity": 0.15}
        | {"hoverinfo": "skip"}
    )


def _turns(found: Bends, marks: list[Mark], y: tuple[float, float], dark: bool) -> Part:
    """Return the cosine of the gradient on the way to the attack's end with that at the picture."""
    axes = panel(1, "share of the way to the attack's end", "cosine with the gradient at the picture", y)
    axes = {"xaxis3": axes["xaxis1"] | {"anchor": "y3"}, "yaxis3": axes["yaxis1"] | {"anchor": "x3"}}
    axes["xaxis3"] |= {"range": [-0.02, 1.02]}
    axes["yaxis3"] |= {"range": [-0.15, 1.05], "title": {"text": "cosine"}}
    part = Part(axes=axes)
    for mark, slopes in zip(marks, found.models.values(), strict=True):
        turned = slopes.turns.first[~slopes.flat]
        if not len(turned):
            continue
        x, on = np.linspace(0, 1, turned.shape[1]), {"xaxis": "x3", "yaxis": "y3"}
        low, middle, high = np.nanpercentile(turned, (25, 50, 75), axis=0)
        line: Dict = {"type": "scatter", "mode": "lines+markers", "x": x, "y": middle}
        dot = {"symbol": mark.symbol, "size": 8, "color": mark.colour}
        told = f"%{{y:.2f}} at %{{x:.0%}} of the way<extra>{mark.sign} {plain(mark.name)}</extra>"
        line |= on | {"line": {"color": mark.colour, "width": 2, "dash": mark.dash}, "marker": dot}
        part.fixed.extend([_band(x, low, high, mark.colour) | on, line | {"hovertemplate": told}])
    part.notes.append(title("<b>How the gradient turns</b> on the way to the attack's end", 3, palette(dark).ink))
    return part


def told(found: Bends, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return of each model what its gradient is worth, a sentence each, and whose gradients are masked."""
    lines, pairs = [], list(zip(setting.names, found.models.values(), strict=False))
    for i, (name, slopes) in enumerate(pairs):
        lines.append(f"{_linear(name, slopes, found.eps)} {_turned(slopes)}".strip())
        if len(pairs) > 1:
            lines.append(_transfer(name, pairs[1 - i][0], slopes, found.eps))
    lines.append(
        f"Made of the first {_count(found):,} test pictures; the budget, {setting.length(found.eps, 'linf')} in ℓ∞, is "
        "the dashed upright line. Of a linear model with two classes the log odds rise exactly as expected. Points of "
        "a ray may lie outside of [0, 1]."
    )
    return [minus(line) for line in lines]


def _at(rays: Rays, eps: float) -> int:
    return int(np.abs(rays.steps - eps).argmin())


def _linear(name: str, slopes: Slopes, eps: float) -> str:
    """Return how much of the rise that the gradient lets expect comes true at the budget."""
    flat, n, at = slopes.flat, len(slopes.flat), _at(slopes.own, eps)
    zero = f"The {name} model's gradient is zero at {Rate(int(flat.sum()), n)} of the pictures"
    if flat.all():
        return f"{zero}: there is nothing to climb, which says nothing of how high the loss is near by."
    some = ~flat & (slopes.own.expected[:, at] != 0)
    here = slopes.own.rise[some, at] / slopes.own.expected[some, at]
    here = here[np.isfinite(here)]
    if len(here) < LEAST:
        return f"{zero}."
    median = Median.of(here)
    low, high = median.interval
    times = f"{median.value:.2f} times what the gradient lets expect, in the median"
    sure = f"(n = {median.n:,}, 95 % interval {low:.2f} to {high:.2f})"
    step = (
        f"{zero}. {'Where it is not, a' if flat.any() else 'A'} step of the budget along its sign raises the log odds"
    )
    if not (bends := _bends(low, high)):
        return f"{step} by {times} {sure}; whether that is linear, these pictures do not tell."
    return f"{step} {bends} linearly: {times} {sure}."


def _bends(low: float, high: float) -> str:
    """Return how a rise compares with the linear one, 1, if an interval of it tells; else ""."""
    if low >= 1 - NEAR and high <= 1 + NEAR:
        return "as good as"
    return "less than" if high < 1 else "more than" if low > 1 else ""


def _turned(slopes: Slopes) -> str:
    ends = slopes.turns.first[~slopes.flat, -1]
    ends = ends[np.isfinite(ends)]
    if len(ends) < LEAST:
        return ""
    median = Median.of(ends)
    low, high = median.interval
    return (
        f"At the attack's end the gradient has a cosine of {median.value:.2f} with that at the picture, in the median "
        f"(95 % interval {low:.2f} to {high:.2f}) over the n = {len(ends):,} pictures with a gradient at both."
    )


def _transfer(name: str, other: str, slopes: Slopes, eps: float) -> str:
    """Return how a model fares along its own gradient and along the other's, and whether that is a sign of masking."""
    n, at = len(slopes.flat), _at(slopes.own, eps)
    clean = Rate(int((~slopes.own.right[:, 0]).sum()), n)
    own, led = (Rate(int((~ray.right[:, at]).sum()), n) for ray in (slopes.own, slopes.other))
    line = (
        f"Without a step the {name} model is wrong on {clean}; a step of the budget along its own gradient's sign "
        f"leaves it wrong on {own}, one along the {other} model's on {led}."
    )
    return f"{line} {MASKED}." if led.interval[0] > own.interval[1] else line


def snippet(address: str) -> str:
    """Return Python that computes the slopes of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(found: Bends, setting: Setting) -> bytes:
    """Return every picture's numbers as CSV (RFC 4180)."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found, setting))
    return out.getvalue().encode()


def _rows(found: Bends, setting: Setting) -> Iterator[tuple[Any, ...]]:
    yield "model", "picture", "gradient of", "step", "loss", "rise of the log odds", "expected", "right"
    for letter, name, slopes in zip("AB", setting.names, found.models.values(), strict=False):
        for whose, rays in (("own", slopes.own), ("other", slopes.other)):
            for i, (losses, rises, hopes, rights) in enumerate(
                zip(rays.loss, rays.rise, rays.expected, rays.right, strict=True)
            ):
                numbers = zip(rays.steps.tolist(), losses.tolist(), rises.tolist(), hopes.tolist(), rights, strict=True)
                for *row, right in numbers:
                    yield f"{letter} {name}", i, whose, *row, int(right)
