"""Two trainings beside each other: accuracy and loss over the epochs, and how points of the plane are divided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Plane
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import panel, title
from explorer.figures.headings import dyed, key
from explorer.figures.images import encode, uri
from explorer.figures.plane import dots
from explorer.figures.regions import boundaries, place, shade
from explorer.figures.setting import Setting
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain

LINES = {"clean": "clean", "fgsm": "one step (FGSM)", "robust": "under PGD-10"}


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """One training as it is drawn.

    name : the recipe's title; history : (E,) each, by name; epochs : how many it is to have
    watched : of how many pictures the accuracies are; seconds : spent so far
    planes : (epoch, how the plane is divided then), in their order; none for pictures
    allowed : the budget that it was attacked within, in words; "" for that of the setting
    """

    name: str
    history: Mapping[str, Array]
    epochs: int
    watched: int
    seconds: float = 0.0
    planes: Sequence[tuple[int, Plane]] = field(default_factory=tuple)
    allowed: str = ""


def courses(
    two: Sequence[Line | None], setting: Setting, *, points: tuple[Array, Array] | None = None, dark: bool = False
) -> go.Figure:
    """Draw up to two trainings, left and right, on the same scales; None where nothing is there yet.

    Accuracies on training pictures are dashed, on test pictures solid, and the gap between them under attack shaded.
    With planes, a slider goes back through the training.

    points : (N, 2) and their classes (N,), drawn on the planes
    """
    colours, ends = palette(dark), sorted({epoch for line in two if line for epoch, _ in line.planes})
    height, y = rows(
        key=24, above=24, planes=380 if ends else 1, ticks=30 if ends else 1, buttons=40 if ends else 1,
        slider=24 if ends else 1,
        over=26, rates=230, numbers=44, between=24, losses=150, end=50,
    )  # fmt: skip
    words = [dyed("— clean", colours.clean), dyed("···· one step (FGSM)", colours.adversarial)]
    words += [dyed("— under PGD-10", colours.adversarial), "solid: test, dashed: training, shaded: their gap"]
    parts = [key(words, y["key"], dark)]
    last = max(line.epochs for line in two if line)
    for i, line in enumerate(two):
        if line is None:
            continue
        name = f"<b>{SIGNS[i]} {plain(line.name)}</b>"
        parts += [_rates(line, i, y["rates"], last, dark), _losses(line, i, y["losses"], last, dark)]
        if ends:
            parts += [_now(i, ends, dark), _moving(line, i, ends, (points, setting), y["planes"], dark)]
        parts[-1].notes.append(title(name, 5 + i if ends else 1 + i, colours.models[i]))
    return compose(parts, height=height, steps=range(len(ends) - 1) if len(ends) > 1 else (), y=y, dark=dark)


def _axes(i: int, k: int, up: str, y: tuple[float, float], last: int) -> Dict:
    """Return the axes k of a panel on side i over the epochs."""
    found = panel(i + 1, "epoch", up if i == 0 else "", y)
    across, upward = found[f"xaxis{i + 1}"], found[f"yaxis{i + 1}"]
    return {
        f"xaxis{k}": across | {"anchor": f"y{k}", "range": [0, last + 0.5], "title": {"text": "epoch", "standoff": 2}},
        f"yaxis{k}": upward | {"anchor": f"x{k}"},
    }


def _rates(line: Line, i: int, y: tuple[float, float], last: int, dark: bool) -> Part:
    k, colours = i + 1, palette(dark)
    axes = _axes(i, k, "accuracy", y, last)
    axes[f"yaxis{k}"] |= {"range": [-0.02, 1.02], "tickformat": ".0%"}
    part, epoch = Part(axes=axes), line.history["epoch"]
    where: Dict = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}"}
    ends = [line.history[f"{split}_robust"] for split in ("train", "test")]
    band = {"x": np.concatenate([epoch, epoch[::-1]]), "y": np.concatenate([ends[0], ends[1][::-1]])}
    part.fixed.append(
        where
        | band
        | {"mode": "lines", "fill": "toself", "fillcolor": colours.adversarial, "opacity": 0.15}
        | {"line": {"width": 0}, "hoverinfo": "skip"}
    )
    for kind, words in LINES.items():
        colour = colours.clean if kind == "clean" else colours.adversarial
        for split, dash in (("train", "dash"), ("test", "solid")):
            values = line.history.get(f"{split}_{kind}")
            if values is None or (kind == "fgsm" and split == "train"):
                continue
            style = {"color": colour, "width": 2, "dash": "dot" if kind == "fgsm" else dash}
            told = f"epoch %{{x}}: %{{y:.1%}}<extra>{words}, {'training' if split == 'train' else 'test'}</extra>"
            shown: Dict = {"mode": "lines+markers", "x": epoch, "y": values, "line": style, "marker": {"size": 4}}
            part.fixed.append(where | shown | {"hovertemplate": told})
    return part


def _losses(line: Line, i: int, y: tuple[float, float], last: int, dark: bool) -> Part:
    k = i + 3
    axes = _axes(i, k, "loss in training", y, last)
    axes[f"yaxis{k}"] |= {"rangemode": "tozero"}
    style = {"color": palette(dark).models[i], "width": 2}
    told = "epoch %{x}: %{y:.3g}<extra>the recipe's own loss, mean over the epoch</extra>"
    curve: Dict = {"type": "scatter", "mode": "lines+markers", "x": line.history["epoch"], "y": line.history["loss"]}
    curve |= {"xaxis": f"x{k}", "yaxis": f"y{k}", "line": style, "marker": {"size": 5}, "hovertemplate": told}
    return Part([curve], axes=axes)


def _now(i: int, ends: Sequence[int], dark: bool) -> Part:
    """Return the upright line at the epoch whose planes are shown."""
    style: Dict = {"type": "scatter", "mode": "lines", "xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}", "hoverinfo": "skip"}
    style["line"] = {"color": palette(dark).soft, "width": 1}

    def at(step: int | None) -> list[Dict]:
        epoch = ends[-1] if step is None else ends[step]
        return [{"type": "scatter", "x": [epoch, epoch], "y": [0, 1]}]

    return Part(moving=[style], at=at)


def _moving(
    line: Line,
    i: int,
    ends: Sequence[int],
    data: tuple[tuple[Array, Array] | None, Setting],
    y: tuple[float, float],
    dark: bool,
) -> Part:
    """Return the plane as it was after each of some epochs: the latest that is known by then; and the data on it."""
    k, half = 5 + i, (LEFT, RIGHT)[i]
    points, setting = data
    axis = {"range": [-0.01, 1.01], "nticks": 5, "showgrid": False, "showline": True, "mirror": True}
    axes = {
        f"xaxis{k}": axis | {"domain": [half[0] + 0.055, half[1]], "anchor": f"y{k}", "constrain": "domain"},
        f"yaxis{k}": axis | {"domain": y, "anchor": f"x{k}", "scaleanchor": f"x{k}", "constrain": "domain"},
    }
    where = {"type": "contour", "xaxis": f"x{k}", "yaxis": f"y{k}", "showscale": False}

    def plane(step: int | None) -> tuple[int, Plane]:
        limit = ends[-1] if step is None else ends[step]
        known = [pair for pair in line.planes if pair[0] <= limit]
        return known[-1] if known else line.planes[0]

    def at(step: int | None) -> list[Dict]:
        return boundaries(plane(step)[1], dark)

    def shown(step: int | None) -> list[Dict]:
        return [{"source": uri(encode(shade(plane(step)[1].probabilities, dark)[::-1]))}]

    if not line.planes:
        return Part(axes=axes)
    on: Dict = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}"}
    fixed = [on | dot for dot in dots(points, setting, dark)] if points is not None else []
    moving = [where] * len(at(None))
    return Part(fixed, moving, at, [place(line.planes[0][1], k)], shown, axes=axes)
