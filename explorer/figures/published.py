"""A study's figures against budget and learning rate, an arm a mark, and the course of recorded trainings: drawn."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go

from explorer.core.arms import GUESSING, budget_of, limited, mean_of, stuck
from explorer.core.results import Arm, Array, Course, Study
from explorer.figures.claims import known
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import panel, title
from explorer.figures.headings import dyed, key
from explorer.figures.marked import FAINT, LOGARITHMIC, LOOKS, SMALL, bars, look, marks
from explorer.figures.style import faint, palette

FOOT = 0.7  # of the least figure, where a logarithmic axis ends: an interval that reaches 0 leaves it there
Draw = Callable[[int, tuple[float, float], bool], Part]  # of the panel k, odd ones left, between two heights
PANELS = {
    "eigenvalue": ("Largest eigenvalue of the Hessian", "largest eigenvalue"),
    "slope": ("Length of the loss's gradient in the weights", "length"),
    "turn": ("Cosine of perturbations (faint: other start)", "cosine"),
    "robust": ("Robust accuracy at the model's own budget", "accuracy"),
}
BY_RATE = {"robust": ("Robust accuracy", "accuracy"), "loss": ("Loss under attack", "loss")}
COURSES = {"loss": "loss", "eigenvalue": "largest eigenvalue"}


def published(found: Study, *, dark: bool = False) -> go.Figure:
    """Draw four figures of every arm against its budget, and what was measured beside: other rates, recorded courses.

    Each model is a faint dot, an arm's mean a symbol with its interval; hollow: stuck at the loss of guessing. Several
    data sets stand beside each other, a figure of all on one scale.
    """
    drawn = [*_ladders(found), *_rates(found), *_recorded(found)]
    heights = {"key": 44, "above": 24}
    for row in range(-(-len(drawn) // 2)):
        heights |= {f"row{row}": 230, f"ticks{row}": 76}
    height, y = rows(**heights)
    parts = [_legend(found, y["key"], dark)]
    parts.extend(draw(k, y[f"row{(k - 1) // 2}"], dark) for k, draw in enumerate(drawn, 1))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _ladders(found: Study) -> list[Draw]:
    """Return the panels against budgets, figure by figure, of each data set at the learning rate of its first arm."""
    sets = [[arm for arm in found.arms if arm.data == data] for data in dict.fromkeys(arm.data for arm in found.arms)]
    usual = [[arm for arm in some if arm.rate == some[0].rate] for some in sets]
    scale = [arm for some in usual for arm in some]
    return [partial(_against, some, scale, figure) for figure in PANELS for some in usual]


def _rates(found: Study) -> list[Draw]:
    """Return two panels against the learning rate for each data set and budget that several were tried at."""
    places = dict.fromkeys((arm.data, arm.eps) for arm in found.arms)
    some = [[arm for arm in found.arms if (arm.data, arm.eps) == place] for place in places]
    return [partial(_by_rate, arms, figure) for arms in some if len({a.rate for a in arms}) > 1 for figure in BY_RATE]


def _recorded(found: Study) -> list[Draw]:
    return [partial(_course, found, figure) for figure in COURSES] if found.courses else []


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
        within = (1,) if top > 50 * foot else (1, 2, 5)  # of a decade: of a short axis one alone might be left
        ticks = [n * 10.0**power for power in range(-1, 4) for n in within]
        return axis | {"type": "log", "range": ends, "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
    if figure == "robust":
        return axis | {"range": [-0.2, 1.08], "tickformat": ".0%", "tickvals": np.linspace(0, 1, 6)}
    return axis | {"range": [-0.05, 1.08]}


def _against(
    arms: Sequence[Arm], scale: Sequence[Arm], figure: str, k: int, y: tuple[float, float], dark: bool
) -> Part:
    """Return a panel: a figure of arms against their budgets, on the scale of all of `scale`."""
    budgets = {arm.eps: budget_of(arm) for arm in sorted(arms, key=lambda arm: arm.eps)}
    head, up = PANELS[figure]
    where = f", {arms[0].data}" if arms[0].data else ""
    words = f"<b>{head}</b>{where}", f"budget of the training, eps{where}", up
    return _panel(arms, scale, figure, (words, budgets, lambda arm: arm.eps), k, y, dark)


def _by_rate(arms: Sequence[Arm], figure: str, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return a panel: a figure of arms of one budget against their learning rates."""
    rates = {rate: f"{rate:g}" for rate in sorted({arm.rate for arm in arms})}
    head, up = BY_RATE[figure]
    words = f"<b>{head} by learning rate</b>, {arms[0].data}, eps {budget_of(arms[0])}", "learning rate", up
    return _panel(arms, arms, figure, (words, rates, lambda arm: arm.rate), k, y, dark)


def _panel(
    arms: Sequence[Arm],
    scale: Sequence[Arm],
    figure: str,
    along: tuple[tuple[str, str, str], Mapping[float, str], Callable[[Arm], float]],
    k: int,
    y: tuple[float, float],
    dark: bool,
) -> Part:
    """Return a panel: a figure of every arm that has it, at places of equal distance.

    along : the words above, below and beside it; what stands at each place, by its value; an arm's value
    """
    (head, across, up), ticks, value = along
    x, v, on = _axes(k, across, up, y)
    x |= {"tickvals": list(range(len(ticks))), "ticktext": [*ticks.values()], "range": [-0.5, len(ticks) - 0.5]}
    keys = ("again", figure) if figure == "turn" else (figure,)
    drawn = [arm for arm in scale if known(arm, figure)]
    foot = FOOT * min((float(arm.figures[figure].min()) for arm in drawn), default=1.0)
    top = max((mean_of(arm, figure).interval[1] for arm in drawn), default=1.0)
    part = Part(axes={f"xaxis{k}": x, f"yaxis{k}": _scaled(v, figure, foot, top)})
    for way in LOOKS:
        for one in keys:
            having = [arm for arm in arms if arm.way == way and known(arm, figure) and known(arm, one)]
            if not having:
                continue
            at = [[*ticks].index(value(arm)) + look(way).beside for arm in having]
            part.fixed.extend(marks(way, having, one, at, on, faint=one == "again", dark=dark))
            part.notes.extend(_guessing(having, at, k) if one == "robust" else [])
    part.notes.append(title(head, k, palette(dark).ink))
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


def _course(found: Study, figure: str, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return a panel: a figure of the recorded trainings over the share of them that was done."""
    x, v, on = _axes(k, "share of the training", COURSES[figure], y)
    x |= {"range": [-0.03, 1.03], "tickformat": ".0%"}
    values: list[Array] = [getattr(course, figure) for course in found.courses]
    top = max(limited(some[:, t]).interval[1] for some in values for t in range(some.shape[1]))
    foot = FOOT * min(float(some.min()) for some in values)
    part = Part(axes={f"xaxis{k}": x, f"yaxis{k}": _scaled(v, figure, foot, top)})
    for course, some in zip(found.courses, values, strict=True):
        part.fixed.extend(_trainings(course, some, figure, on))
    eps = ", ".join(sorted({f"{course.data} eps {budget_of(course)}".strip() for course in found.courses}))
    part.notes.append(title(f"<b>During training: {COURSES[figure]}</b>, {eps}", k, palette(dark).ink))
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
        {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": row, "hoverinfo": "skip"}
        | {"line": {"color": faint(style.colour, FAINT), "width": 1}}
        for name, row in zip(course.models, values, strict=True)
    ]
    line: Dict = {"type": "scatter", "mode": "lines+markers", "name": f"{course.way}, course", "x": x}
    line |= {"y": [mean.value for mean in means], "error_y": bars(means, figure, style.colour)}
    line |= {"line": {"color": style.colour, "width": 2, "dash": style.dash}, "customdata": [str(one) for one in means]}
    line |= {"marker": {"symbol": style.symbol, "size": 9, "color": style.colour}}
    line["hovertemplate"] = f"%{{customdata}} at %{{x:.0%}}<extra>{style.sign} {course.way}</extra>"
    return [one | on for one in (*seeds, line)]
