"""Two models' loss over several planes of random directions: small pictures beside each other, told, as a table."""

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Losses, Planes, Terrain
from explorer.core.stats import Mean
from explorer.core.words import amount, minus
from explorer.figures import hits
from explorer.figures.elevation import height_of
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.setting import Setting
from explorer.figures.style import SIGNS, palette, plain
from explorer.figures.surface import BAR, LINES, SCALE, bar_of, guess_of
from explorer.figures.terrain import larger, not_finite, reaches_edge, share_below

SNIPPET = '''"""Two models' loss over several planes through the weights of each, computed again from its address."""

from explorer import run

found = run({address})
for seed, terrain in found.terrains.items():
    for letter, losses in (("A", terrain.a), ("B", terrain.b)):
        print(f"seed {{seed}}, model {{letter}}: from {{losses.loss.min():.4g}} to {{losses.loss.max():.4g}}")
'''
GAP = 0.012  # of the width, between two pictures
SIDE, FEW = 225, 4  # px; columns that there is room for, so that a map keeps its shape as others arrive


def planes(found: Planes, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw a row of planes for each model, a column for each seed, all on one scale."""
    views = list(found.terrains.items())
    whole = _together([one for _, one in views])
    shown, colours = height_of(whole, str(show["height"]), float(show["ceiling"])), palette(dark)
    height, y = rows(key=22, seeds=22, heada=22, a=SIDE, headb=26, b=SIDE, end=10)
    lined = bool(guess_of(shown, setting))
    words = [shown.title, *([f"╌╌ {np.log(len(setting.classes)):.3g}, the loss of guessing"] if lined else [])]
    parts = [key(words, y["key"], dark)]
    slots = max(len(views), FEW)
    width = (1 - BAR - GAP * slots) / slots
    for i, row in enumerate("ab"):
        name = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(setting.names[i])}</b>", colours.models[i])
        parts.append(Part(notes=[note(name, 0.0, y[f"head{row}"]) | {"font": {"size": 14}}]))
        for column, (seed, view) in enumerate(views):
            left, k = column * (width + GAP), 1 + i * len(views) + column
            mine = height_of(view, str(show["height"]), float(show["ceiling"]))
            z = np.where(np.isposinf(mine.told[i]), shown.ends[1], mine.values[i])  # above all, in every plane
            z = z.clip(*shown.ends).astype(np.float32)
            on = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
            flat: Dict = {"type": "contour", "x": view.ticks, "y": view.ticks, "z": z, "colorscale": SCALE} | on
            size = (shown.ends[1] - shown.ends[0]) / LINES
            flat |= {"contours": {"start": shown.ends[0], "end": shown.ends[1], "size": size, "coloring": "fill"}}
            flat |= {"zmin": shown.ends[0], "zmax": shown.ends[1], "line": {"width": 0.4, "color": colours.page}}
            flat |= {"showscale": k == 1, "colorbar": bar_of(shown, (y["b"][0], y["a"][1]), dark)}
            told = f"{shown.word} %{{customdata:{shown.format}}} at (%{{x:.3g}}, %{{y:.3g}})"
            flat |= {
                "customdata": mine.told[i].astype(np.float32),
                "hovertemplate": f"{told}<extra>seed {seed}</extra>",
            }
            lines = [line | on | {"x": view.ticks, "y": view.ticks, "z": z} for line in guess_of(shown, setting)]
            notes = [note(f"seed {seed}", left, y["seeds"]) | {"font": {"size": 12, "color": colours.soft}}]
            parts.append(Part([flat, *lines], notes=notes if i == 0 else [], axes=_axes(k, left, width, y[row])))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _axes(k: int, left: float, width: float, y: tuple[float, float]) -> Dict:
    bare = {
        "showgrid": False,
        "showticklabels": False,
        "ticks": "",
        "showline": True,
        "mirror": True,
        "fixedrange": True,
    }
    return {
        f"xaxis{k}": bare
        | {"domain": [left, left + width], "anchor": f"y{k}", "constrain": "domain"}
        | {"constraintoward": "left"},
        f"yaxis{k}": bare
        | {"domain": list(y), "anchor": f"x{k}", "constrain": "domain", "scaleanchor": f"x{k}"}
        | {"constraintoward": "top"},
    }


def _together(views: list[Terrain]) -> Terrain:
    """Return a terrain whose scale is that of all, by the lowest and highest finite loss of each model on any."""
    all_ = [np.concatenate([(one.a, one.b)[i].loss for one in views]) for i in range(2)]
    known = [loss[np.isfinite(loss)] for loss in all_]
    ends = [np.array([one.min(), one.max()] * 2) if len(one) else np.full(4, np.nan) for one in known]
    first = views[0]
    still = np.zeros(4)
    made = [Losses(first.a.points[:4], one, still, still.astype(np.int64), first.a.count) for one in ends]
    return Terrain(made[0], made[1], first.names, first.kind)


def told(found: Planes, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return how large each model's basin is over the planes, and whose is the larger one; or of the accuracy."""
    if show.get("height") == "accuracy":
        return [minus(line) for line in [*hits.over(found, setting), _made(found)]]
    shares = {i: _shares(found, setting, i) for i in range(2)}
    terrains = list(found.terrains.values())
    k = len(found.terrains)
    lines = []
    if k > 1:
        for i, name in enumerate(setting.names):
            lines.append(
                f"The {name} model's loss lies below that of guessing at {Mean.of_shares(shares[i]).share} of the "
                f"points, in the mean over {amount(k, 'plane')} (95 % interval in brackets)"
                f"{_beyond([(one.a, one.b)[i] for one in terrains], setting)}."
            )
        lines.append(_larger(shares[1] - shares[0], terrains, setting))
    lines += not_finite((_row(terrains, 0), _row(terrains, 1)), setting)
    return [minus(line) for line in [*lines, _made(found)]]


def _made(found: Planes) -> str:
    view = next(iter(found.terrains.values()))
    return (
        f"Made of the first {amount(view.a.count, 'test picture')}, at {view.side} × {view.side} points of each plane. "
        f"{view.note}"
    )


def _row(terrains: list[Terrain], i: int) -> Losses:
    return Losses.joined([(one.a, one.b)[i] for one in terrains])


def _shares(found: Planes, setting: Setting, i: int) -> Any:
    return np.array([share_below((one.a, one.b)[i], setting) for one in found.terrains.values()])


def _beyond(row: list[Losses], setting: Setting) -> str:
    """Return on how many planes a model's basin reaches the edge, if on any."""
    count = sum(reaches_edge(one, setting) for one in row)
    return f", and reaches the edge of the square on {count} of {len(row)}" if count else ""


def _larger(difference: Any, terrains: list[Terrain], setting: Setting) -> str:
    """Return whose basin is the larger one, plane by plane."""
    mean = Mean.of(difference)
    low, high = mean.interval
    verdicts = [larger(one.a, one.b, setting) for one in terrains]
    sides = {which for which, cut in verdicts if cut}  # a basin that is cut counts for less than it is
    if sides - {int(mean.value > 0)} or (sides and low <= 0 <= high):
        return (
            "Plane by plane it is not to be seen whose basin is the larger one: what reaches the edge of a square may "
            "go on beyond it. Let the weights move farther (Settings)."
        )
    if low <= 0 <= high:
        return "Plane by plane neither model's basin is clearly the larger one."
    wider = setting.names[1] if low > 0 else setting.names[0]
    count = int((difference > 0).sum() if low > 0 else (difference < 0).sum())
    return (
        f"Plane by plane the {wider} model's basin is the larger one: on {count} of {len(difference)}, by "
        f"{'at least ' if sides else ''}{100 * abs(mean.value):.1f} percentage points in the mean. "
        "It is one pair of models all the same."
    )


def snippet(address: str) -> str:
    """Return Python that computes the planes of an address again by the public interface and prints their ends."""
    return SNIPPET.format(address=ascii(address))


def table(found: Planes, setting: Setting) -> bytes:
    """Return every point of every plane as CSV (RFC 4180)."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("seed", "model", "direction 1", "direction 2", "loss", "right", "n"))
    for seed, view in found.terrains.items():
        for letter, name, losses in zip("AB", setting.names, (view.a, view.b), strict=True):
            for (a, b), loss, right in zip(
                losses.points.tolist(), losses.loss.tolist(), losses.right.tolist(), strict=True
            ):
                writer.writerow((seed, f"{letter} {name}", round(a, 12), round(b, 12), loss, right, losses.count))
    return out.getvalue().encode()
