"""Two models' loss around one picture: drawn, told, as a table, as code."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array, Losses, Terrain, Valley, Valleys
from explorer.core.words import minus
from explorer.figures.frames import Dict
from explorer.figures.setting import Setting, part_of
from explorer.figures.surface import contours, heights

SNIPPET = '''"""Two models' loss around one picture, computed again from its address."""

from explorer import run

found = run({address})
for letter, valley in (("A", found.a), ("B", found.b)):
    losses = valley.losses
    middle, at = losses.loss[len(losses.loss) // 2], losses.loss.argmax()
    print(f"model {{letter}}: {{middle:.4g}} at the picture, up to {{losses.loss[at]:.4g}} at {{losses.points[at]}}")
'''
LINE = {"color": "#ffffff", "width": 2.5}
CASING = {"color": "#000000", "width": 4.5}  # below: white alone is lost where the loss is high
LEAST = 10  # points of a grid that are no share of an area


def valleys(found: Valleys, setting: Setting, show: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Draw both models' loss over the plane of the attack on each and a random way, on one scale."""
    view, ceiling = _terrain(found, setting), float(show["ceiling"])
    over = [_over(valley, setting) for valley in (found.a, found.b)]
    legend = [
        "— the answer changes",
        *(["╌╌ the budget"] if found.a.outlines is not None else []),
        f"{'+' if show['relief'] else '✕'} the attack's end",
    ]
    drawn = heights if show["relief"] else contours
    return drawn(view, setting, ceiling=ceiling, over=over, legend=legend, dark=dark)


def _terrain(found: Valleys, setting: Setting) -> Terrain:
    """Return the losses with axes in the data's own unit."""
    norm = found.a.section.norm
    unit = f"({SYMBOLS[norm]}, 1/{setting.unit})"
    names = {"across": f"the attack on each model {unit}", "up": f"a random direction {unit}"}
    a, b = (replace(one.losses, points=one.losses.points * setting.unit) for one in (found.a, found.b))
    return Terrain(a, b, names, "of one picture", here="the picture")


def _over(valley: Valley, setting: Setting) -> list[Dict]:
    """Return where the answer changes, the budget, and the attack's end."""
    losses, flat = valley.losses, {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    side = int(np.sqrt(len(losses.loss)))
    ticks = losses.points[:side, 0] * setting.unit
    right = losses.right.reshape(side, side).astype(np.float32)
    half = {"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"}
    edge: Dict = {"type": "contour", "x": ticks, "y": ticks, "z": right, "contours": half, "showscale": False}
    lines = (CASING, LINE) if 0 < right.mean() < 1 else ()
    found = [edge | {"line": line, "hoverinfo": "skip"} for line in lines]
    if valley.outlines is not None and len(valley.outlines.ball):
        u, v = np.concatenate([valley.outlines.ball, valley.outlines.ball[:1]]).T * setting.unit
        found.append(flat | {"x": u, "y": v, "line": CASING | {"width": 3}})
        found.append(flat | {"x": u, "y": v, "line": LINE | {"width": 1.5, "dash": "dash"}})
    end = _end(valley) * setting.unit
    cross = {"symbol": "x", "size": 9, "color": "#ffffff", "line": {"color": "#000000", "width": 1}}
    told = "the attack's end<extra></extra>"
    return [
        *found,
        {"type": "scatter", "mode": "markers", "x": end[:1], "y": end[1:], "marker": cross, "hovertemplate": told},
    ]


def told(found: Valleys, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return what the planes show, a sentence each; the last says what was computed."""
    lines = [_within(valley, setting, i) for i, valley in enumerate((found.a, found.b))]
    first = found.a
    side, far = int(np.sqrt(len(first.losses.loss))), float(first.losses.points.max())
    notes = dict.fromkeys(valley.section.note for valley in (found.a, found.b) if valley.section.note)
    return [
        *map(minus, lines),
        f"One picture, at {side} × {side} points up to {setting.length(far, 'l2')} in {SYMBOLS[first.section.norm]} to "
        f"each side; the loss is against {_against(found, setting)}. Points outside of [0, 1], where no picture is, "
        "are asked too.",
        *notes,
    ]


def _against(found: Valleys, setting: Setting) -> str:
    """Return which class the losses are against."""
    a, b = (setting.classes[valley.label] for valley in (found.a, found.b))
    return f"the class “{a}” on both models" if a == b else f"“{a}” on model A and “{b}” on model B, their own answers"


def _within(valley: Valley, setting: Setting, i: int) -> str:
    losses, name = valley.losses, setting.names[i]
    middle = len(losses.loss) // 2
    start = (
        f"The {name} model's loss is {losses.loss[middle]:.2g} at the picture, and at most {losses.loss.max():.2g} here"
    )
    ends = f"the attack {'reaches' if valley.reached else 'does not reach'} its goal{_beyond(valley, setting)}"
    inside = _inside(valley)
    if inside is None or inside.sum() < LEAST:
        wrong = float((losses.right == 0).mean())
        return f"{start}; {ends}. The answer is another at {part_of(wrong)} of all points."
    worst, wrong = float(losses.loss[inside].max()), float((losses.right[inside] == 0).mean())
    along, chance = _ways(losses, inside)
    return (
        f"{start}; {ends}. Within the budget the loss rises to {worst:.2g} ({along:.2g} along the attack alone, "
        f"{chance:.2g} along the random direction alone), and the answer is another at {part_of(wrong)} of the points."
    )


def _end(valley: Valley) -> Array:
    """Return where the attack ended on the plane, (2,)."""
    return next(place for name, place in valley.section.marks.items() if name != "picture")


def _beyond(valley: Valley, setting: Setting) -> str:
    """Return that the attack ended beyond the budget, which one with limits of its own may; else ""."""
    if valley.outlines is not None:
        far, eps = float(valley.section.length(_end(valley)[None])[0]), float(valley.outlines.eps)
    elif setting.norm == "l0":
        moved = (valley.section.across != 0) & bool(np.abs(_end(valley)).max() > 0)
        far, eps = float((moved.any(0) if moved.ndim == 3 else moved).sum()), float(setting.eps)
    else:
        return ""
    return f" beyond the budget, {setting.length(far)} away" if far > eps * (1 + 1e-4) + 1e-7 else ""


def _inside(valley: Valley) -> Array | None:
    """Return which points are within the budget, (M,) bool."""
    if valley.outlines is None:
        return None
    return np.asarray(valley.section.length(valley.losses.points) <= valley.outlines.eps * (1 + 1e-5))


def _ways(losses: Losses, inside: Array) -> tuple[float, float]:
    """Return the highest loss within the budget on each axis."""
    flat = np.abs(losses.points) < 1e-9
    a, b = (float(losses.loss[inside & flat[:, k]].max()) for k in (1, 0))
    return a, b


def snippet(address: str) -> str:
    """Return Python that computes the planes of an address again by the public interface and prints their peaks."""
    return SNIPPET.format(address=ascii(address))


def table(found: Valleys, setting: Setting) -> bytes:
    """Return every point of both planes as CSV (RFC 4180); places in pixel units."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("model", "along the attack", "along the random direction", "loss", "right"))
    for letter, name, valley in zip("AB", setting.names, (found.a, found.b), strict=True):
        losses = valley.losses
        for (s, t), loss, right in zip(
            losses.points.tolist(), losses.loss.tolist(), losses.right.tolist(), strict=True
        ):
            writer.writerow((f"{letter} {name}", s, t, loss, right))
    return out.getvalue().encode()
