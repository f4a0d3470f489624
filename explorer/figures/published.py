"""A study's figures against the training budget, an arm a mark, and the course of recorded trainings: drawn."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.core.arms import GUESSING, limited, mean_of, stays, stuck
from explorer.core.results import Arm, Array, Course, Study
from explorer.core.stats import Mean
from explorer.figures.claims import known
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import panel, title
from explorer.figures.headings import dyed, key
from explorer.figures.style import CLASSES, palette

FOOT = 0.7  # of the least figure, where a logarithmic axis ends: an interval that reaches 0 leaves it there
SMALL = 1e-9  # stands for 0 where 0 has no logarithm
FAINT, CONTROL = 0.5, 0.35  # opacities


@dataclass(frozen=True, slots=True)
class Look:
    """How a way to train is drawn: colour, symbol in a plot, sign in words, dash, place beside its budget."""

    colour: str
    symbol: str
    sign: str
    dash: str
    beside: float


LOOKS = {  # neither the colours nor the symbols of models A and B
    "none": Look(CLASSES[8], "square", "■", "solid", 0.0),
    "constant": Look(CLASSES[6], "x", "✖", "dash", -0.16),
    "warm-up": Look(CLASSES[5], "triangle-up", "▲", "dot", 0.16),
    "PAS": Look(CLASSES[0], "star", "★", "solid", 0.0),
}
PANELS = {
    "eigenvalue": ("Largest eigenvalue of the Hessian", "largest eigenvalue"),
    "slope": ("Length of the loss's gradient in the weights", "length"),
    "turn": ("Cosine of perturbations (faint: other start)", "cosine"),
    "robust": ("Robust accuracy at the model's own budget", "accuracy"),
}
COURSES = {"loss": "loss", "eigenvalue": "largest eigenvalue"}
LOGARITHMIC = ("eigenvalue", "slope", "loss")


def published(found: Study, *, dark: bool = False) -> go.Figure:
    """Draw four figures of every arm against its budget and, where it was recorded, how training went.

    Each model is a faint dot, an arm's mean a symbol with its interval; hollow: stuck at the loss of guessing.
    """
    heights = {"key": 44, "above": 24, "up": 230, "ticks": 74, "down": 230, "end": 52}
    heights |= {"between": 26, "course": 230, "last": 52} if found.courses else {}
    height, y = rows(**heights)
    parts, budgets = [_legend(found, y["key"], dark)], sorted({arm.eps for arm in found.arms})
    for k, (figure, (head, up)) in enumerate(PANELS.items(), 1):
        parts.append(_against(found, figure, k, (head, up), y["up" if k < 3 else "down"], budgets, dark))
    if found.courses:
        for k, figure in enumerate(COURSES, 5):
            parts.append(_course(found, figure, k, y["course"], dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def look(way: str) -> Look:
    """Return how a way to train is drawn."""
    return LOOKS[way]


def _legend(found: Study, y: tuple[float, float], dark: bool) -> Part:
    words = {"none": "no attack in training", "constant": "constant budget", "PAS": "budget grows (PAS)"}
    ways = [way for way in LOOKS if any(arm.way == way for arm in found.arms)]
    first = [dyed(f"{look(way).sign} {words.get(way, way)}", look(way).colour) for way in ways]
    second = "symbol: mean over seeds, with its 95 % interval   ● one seed   hollow: stuck at the loss of guessing"
    return key(["   ".join(first) + "<br>" + second], y, dark)


def _axes(k: int, across: str, up: str, y: tuple[float, float]) -> tuple[Dict, Dict, Dict]:
    """Return the axes k of a panel, odd ones left, and which they are."""
    axes = panel(2 - k % 2, across, up, y)
    x, v = axes[f"xaxis{2 - k % 2}"] | {"anchor": f"y{k}"}, axes[f"yaxis{2 - k % 2}"] | {"anchor": f"x{k}"}
    return x, v, {"xaxis": f"x{k}", "yaxis": f"y{k}"}


def _scaled(axis: Dict, figure: str, foot: float, top: float) -> Dict:
    """Return an axis with the range that suits a figure."""
    if figure in LOGARITHMIC:
        ends = [float(np.log10(max(foot, SMALL))), float(np.log10(top * 1.3))]
        ticks = [0.1, 1, 10, 100, 1000]
        return axis | {"type": "log", "range": ends, "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
    if figure == "robust":
        return axis | {"range": [-0.2, 1.08], "tickformat": ".0%", "tickvals": np.linspace(0, 1, 6)}
    return axis | {"range": [-0.05, 1.08]}


def _against(
    found: Study,
    figure: str,
    k: int,
    words: tuple[str, str],
    y: tuple[float, float],
    budgets: list[float],
    dark: bool,
) -> Part:
    """Return a panel: a figure of every arm that has it, at places of equal distance, a budget each."""
    x, v, on = _axes(k, "budget of the training, eps", words[1], y)
    x |= {"tickvals": list(range(len(budgets))), "ticktext": [f"{eps:g}" for eps in budgets]}
    x |= {"range": [-0.5, len(budgets) - 0.5]}
    keys = ("again", figure) if figure == "turn" else (figure,)
    some = {way: [arm for arm in found.arms if arm.way == way and known(arm, figure)] for way in LOOKS}
    drawn = [arm for group in some.values() for arm in group]
    foot = FOOT * min((float(arm.figures[figure].min()) for arm in drawn), default=1.0)
    top = max((mean_of(arm, figure).interval[1] for arm in drawn), default=1.0)
    part = Part(axes={f"xaxis{k}": x, f"yaxis{k}": _scaled(v, figure, foot, top)})
    for way, group in some.items():
        if not group:
            continue
        for one in keys:
            having = [arm for arm in group if known(arm, one)]
            at = [budgets.index(arm.eps) + look(way).beside for arm in having]
            part.fixed.extend(_arms(way, having, one, at, on, faint=one == "again", dark=dark))
            part.notes.extend(_guessing(having, at, k) if one == "robust" else [])
    part.notes.append(title(f"<b>{words[0]}</b>", k, palette(dark).ink))
    return part


def _guessing(group: list[Arm], at: list[float], k: int) -> list[Dict]:
    """Return words below an arm that has models which are stuck: how many."""
    return [
        _words(f"stuck<br>{stuck(arm)} of {len(arm.models)}", x, -0.01, k, look(arm.way).colour) | {"xanchor": "center"}
        for arm, x in zip(group, at, strict=True)
        if stuck(arm)
    ]


def _words(text: str, x: float, y: float, k: int, colour: str) -> Dict:
    place = {"xref": f"x{k}", "yref": f"y{k}", "x": x, "y": y, "yanchor": "top", "showarrow": False, "borderpad": 0}
    return place | {"text": text, "font": {"size": 11, "color": colour}}


def _arms(way: str, group: list[Arm], figure: str, at: list[float], on: Dict, *, faint: bool, dark: bool) -> list[Dict]:
    """Return a way's models as dots, unless faint, and its means with their intervals."""
    style, means = look(way), [mean_of(arm, figure) for arm in group]
    hollow = [stuck(arm) == len(arm.models) for arm in group]
    told = [f"{mean}; {stuck(arm)} of {len(arm.models)} stuck" for mean, arm in zip(means, group, strict=True)]
    name = f"{way}, other start" if faint else way
    line: Dict = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": at,
        "y": [mean.value for mean in means],
    }
    line |= on | {"error_y": _bars(means, figure, style.colour), "customdata": told}
    line |= {"line": {"color": style.colour, "width": 1, "dash": style.dash}, "opacity": CONTROL if faint else 1.0}
    line["marker"] = _marker(style, hollow, 7 if faint else 11, dark)
    line["hovertemplate"] = f"%{{customdata}}<extra>{style.sign} {name}</extra>"
    if faint:
        return [line]
    spread = [
        (x + 0.08, value, alone) for x, arm in zip(at, group, strict=True) for value, alone in _models(arm, figure)
    ]
    dots: Dict = {"type": "scatter", "mode": "markers", "name": f"{way}, seeds", "opacity": FAINT, "hoverinfo": "skip"}
    dots |= on | {"x": [one[0] for one in spread], "y": [one[1] for one in spread]}
    dots["marker"] = _marker(style, [one[2] for one in spread], 6, dark) | {"symbol": "circle"}
    return [dots, line]


def _models(arm: Arm, figure: str) -> list[tuple[float, bool]]:
    return list(zip(arm.figures[figure].tolist(), stays(arm).tolist(), strict=True))


def _marker(style: Look, hollow: list[bool], size: int, dark: bool) -> Dict:
    fill = [palette(dark).page if one else style.colour for one in hollow]
    return {"symbol": style.symbol, "size": size, "color": fill, "line": {"color": style.colour, "width": 1.5}}


def _bars(means: list[Mean], figure: str, colour: str) -> Dict:
    least = SMALL if figure in LOGARITHMIC else -1.0
    low = [mean.value - max(mean.interval[0], least) for mean in means]
    high = [mean.interval[1] - mean.value for mean in means]
    error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": colour}
    return error | {"width": 4, "thickness": 1.5}


def _course(found: Study, figure: str, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return a panel: a figure of the recorded trainings over the share of them that was done."""
    x, v, on = _axes(k, "share of the training", COURSES[figure], y)
    x |= {"range": [-0.03, 1.03], "tickformat": ".0%"}
    values: dict[str, Array] = {course.way: getattr(course, figure) for course in found.courses}
    top = max(limited(some[:, t]).interval[1] for some in values.values() for t in range(some.shape[1]))
    foot = FOOT * min(float(some.min()) for some in values.values())
    part = Part(axes={f"xaxis{k}": x, f"yaxis{k}": _scaled(v, figure, foot, top)})
    for course in found.courses:
        part.fixed.extend(_trainings(course, values[course.way], figure, on))
    eps = ", ".join(sorted({f"{course.eps:g}" for course in found.courses}))
    part.notes.append(title(f"<b>During training: {COURSES[figure]}</b>, at eps {eps}", k, palette(dark).ink))
    if figure == "loss":
        level: Dict = {"type": "line", "xref": f"x{k}", "yref": f"y{k}", "x0": -0.03, "x1": 1.03}
        level |= {"y0": GUESSING, "y1": GUESSING, "line": {"color": palette(dark).soft, "width": 1, "dash": "dash"}}
        part.shapes.append(level)
        line = _words("loss of guessing, ln 10", 0, float(np.log10(GUESSING)), k, palette(dark).soft)
        part.notes.append(line | {"xanchor": "left", "yshift": -4})
    return part


def _trainings(course: Course, values: Array, figure: str, on: Dict) -> list[Dict]:
    style, x = look(course.way), course.share
    means = [limited(values[:, t]) for t in range(len(x))]
    seeds: list[Dict] = [
        {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": row, "opacity": FAINT, "hoverinfo": "skip"}
        | {"line": {"color": style.colour, "width": 1}}
        for name, row in zip(course.models, values, strict=True)
    ]
    line: Dict = {"type": "scatter", "mode": "lines+markers", "name": f"{course.way}, course", "x": x}
    line |= {"y": [mean.value for mean in means], "error_y": _bars(means, figure, style.colour)}
    line |= {"line": {"color": style.colour, "width": 2, "dash": style.dash}, "customdata": [str(one) for one in means]}
    line |= {"marker": {"symbol": style.symbol, "size": 9, "color": style.colour}}
    line["hovertemplate"] = f"%{{customdata}} at %{{x:.0%}}<extra>{style.sign} {course.way}</extra>"
    return [one | on for one in (*seeds, line)]
