"""Accuracy against budget: one curve for each model, with its 95 % Wilson band."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Evaluation, Judged
from explorer.core.stats import Rate
from explorer.figures.frames import Dict
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

HEIGHT, FINE = 430, 81  # px; points of a curve that is known everywhere
NAME = 0.06  # of the pictures: as high as a line's name
INSIDE = 0.9  # of the axis: words centred further right would leave the figure


def curves(evaluation: Evaluation, setting: Setting, *, everywhere: bool, dark: bool = False) -> go.Figure:
    """Draw the share of pictures that stand at each budget, for each model.

    The clean accuracy is dashed, chance dotted, each called so, the chosen budget marked. A click on a point gives
    (model's place, budget in pixel units) as customdata.

    everywhere : the attack found each picture's smallest change, so the curve is known between the budgets
    """
    colours, unit = palette(dark), setting.eps / setting.budget if setting.budget else 1.0
    ladder = [0.0, *map(float, evaluation.budgets)]
    if everywhere:
        ladder = sorted({*ladder, *np.linspace(0, 2 * setting.budget, FINE).tolist()})
    marks = lineup(list(evaluation.models), dark)
    data: list[Dict] = []
    for i, (mark, judged) in enumerate(zip(marks, evaluation.models.values(), strict=True)):
        data += _curve(i, mark, judged, ladder, unit, [] if everywhere else ladder)
    right = max(ladder) * unit
    chance = 1 / len(setting.classes)
    clean = [float(judged.standing(0).mean()) for judged in evaluation.models.values()]
    shapes = [_level(level, mark.colour, "dash") for mark, level in zip(marks, clean, strict=True)]
    shapes += [_level(chance, colours.soft, "dot"), _chosen(setting.eps, colours.budget)]
    named = [(0.005, chance, "chance", "left")] + [(0.995, level, "clean", "right") for level in _apart(clean)]
    notes = [_note(x, y, text, colours.soft, xref="paper", xanchor=at, yanchor="bottom") for x, y, text, at in named]
    side = "right" if setting.eps > INSIDE * right else "center"
    notes.append(_note(setting.eps, 1.11, f"chosen: {setting.eps_text}", colours.ink, xanchor=side))
    axis = {"title": {"text": f"budget in {setting.symbol}, {_unit(setting)}"}, "range": [-0.02 * right, 1.02 * right]}
    return go.Figure(
        data=data,
        layout=framed(dark, HEIGHT)
        | {
            "hovermode": "closest",
            "xaxis": axis | {"fixedrange": True},
            "yaxis": {"title": {"text": "pictures that stand"}, "range": [-0.02, 1.15], "tickformat": ".0%"}
            | {"tickvals": [0, 0.25, 0.5, 0.75, 1], "fixedrange": True},
            "shapes": shapes,
            "annotations": notes,
        },
    )


def rates(judged: Judged, ladder: Sequence[float]) -> list[Rate]:
    """Return the share of pictures that stand at each budget."""
    return [Rate(int(judged.standing(eps).sum()), len(judged.labels)) for eps in ladder]


def _curve(
    i: int, mark: Mark, judged: Judged, ladder: Sequence[float], unit: float, shown: Sequence[float]
) -> list[Dict]:
    found = rates(judged, ladder)
    x = np.array(ladder, np.float32) * np.float32(unit)
    low, high = (np.array([rate.interval[j] for rate in found]) for j in (0, 1))
    label = f"{mark.sign} {plain(mark.name)}"
    told = "<br>".join(("%{y:.1%} stand", "95 %% interval %{customdata[2]:.1%} to %{customdata[3]:.1%}")).replace(
        "%%", "%"
    )
    custom = [[i, eps, *rate.interval] for eps, rate in zip(ladder, found, strict=True)]
    marker = {"color": mark.colour, "symbol": mark.symbol, "size": 9 if shown else 5}
    line = {"color": mark.colour, "width": 2.5, "dash": mark.dash}
    return [
        _band(x, low, high, mark.colour),
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": x,
            "y": np.array([rate.value for rate in found], np.float32),
            "customdata": custom,
            "name": mark.entry,
            "line": line,
            "marker": marker,
            "hovertemplate": f"{told}<extra>{label}</extra>",
        },
    ]


def _band(x: Array, low: Array, high: Array, colour: str) -> Dict:
    around = {"x": np.concatenate([x, x[::-1]]), "y": np.concatenate([high, low[::-1]]).astype(np.float32)}
    look = {"fill": "toself", "fillcolor": colour, "opacity": 0.16, "line": {"width": 0}, "mode": "lines"}
    return {"type": "scatter", "hoverinfo": "skip", "showlegend": False} | around | look


def _apart(levels: Sequence[float]) -> list[float]:
    """Return the levels that get a name: none right below one that has it."""
    named: list[float] = []
    for level in sorted(levels, reverse=True):
        if not named or named[-1] - level > NAME:
            named.append(level)
    return named


def _level(y: float, colour: str, dash: str) -> Dict:
    place = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below"}
    return place | {"line": {"color": colour, "width": 1, "dash": dash}}


def _chosen(x: float, colour: str) -> Dict:
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1.08,
        "line": {"color": colour, "width": 1.5, "dash": "dash"},
    }


def _note(x: float, y: float, text: str, colour: str, **where: str) -> Dict:
    place = {"x": x, "y": y, "showarrow": False, "font": {"size": 12, "color": colour}, "text": text}
    return place | where


def _unit(setting: Setting) -> str:
    return "pixels" if setting.norm == "l0" else f"in 1/{setting.unit}"
