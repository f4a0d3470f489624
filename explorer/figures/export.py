"""What leaves the page: a stand-alone page, a table of all numbers, the code that makes them again."""

import csv
import json
from collections.abc import Iterator
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from explorer.core.results import AttackResult, AttackView, Control
from explorer.figures.setting import Setting
from explorer.figures.sides import Moment, Side, sides
from explorer.figures.style import FONT, config

COLUMNS = ("model", "step", "class", "quantity", "value")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
style-src 'unsafe-inline'; img-src data: blob:; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 1.5rem auto; max-width: 1200px; padding: 0 1rem; background: {page}; color: {ink}; \
font-family: {font}; }} p {{ max-width: 78ch; white-space: pre-wrap; overflow-wrap: anywhere; }}</style>
</head><body><h1>{title}</h1>
{figure}
<p>{note}</p>
</body></html>
"""
SNIPPET = '''"""What two models say of one picture before and after an attack, computed again from its address."""

import numpy as np

from explorer import run

view = run({address})
for name, found in (("A", view.a), ("B", view.b)):
    for when, logits in (("clean", found.logits[0]), ("under attack", found.logits_adv[0])):
        wanted = int(found.labels[0])
        margin = float(logits[wanted] - np.delete(logits, wanted).max())
        margin = -margin if found.targeted else margin
        print(f"model {{name}}, {{when}}: class {{int(logits.argmax())}}, margin {{margin:.4f}}")
'''

EQUIP = """const about = document.getElementById('figure').parentElement;
equip(document.body, about, %s);
link(document.body, about, %s);
stroll(document.body, about, %s);
ring(document.body, about, %s);
turn(document.body, about, %s);"""
SCRIPTS = ("replay.js", "cursor.js", "probe.js", "ringed.js", "turned.js")
REPLAY = "".join((Path(__file__).parent / name).read_text() for name in SCRIPTS)


def html(fig: go.Figure, title: str, note: str) -> bytes:
    """Return a figure as a page of its own that needs no network.

    title, note : plain text; the note stands below the figure, its line breaks kept
    """
    inner = fig.to_html(
        full_html=False,
        include_plotlyjs=True,
        config=config("figure"),
        auto_play=False,
        div_id="figure",
        post_script=REPLAY
        + EQUIP
        % tuple(map(json.dumps, (bool(fig.layout.sliders), linked(fig), planar(fig), ringed(fig), staged(fig)))),
    )
    layout = fig.layout.template.layout
    page = PAGE.format(
        title=escape(title),
        note=escape(note),
        page=layout.paper_bgcolor,
        ink=layout.font.color,
        font=FONT,
        figure=inner,
    )
    return page.encode()


def linked(fig: go.Figure) -> bool:
    """Return whether a figure has maps that one cursor is to be shown in (see cursor.js)."""
    return any(trace.meta == "linked" for trace in fig.data)


def planar(fig: go.Figure) -> bool:
    """Return whether a figure has a plane of pictures, each of which is to be shown (see probe.js)."""
    return any(trace.meta == "plane" for trace in fig.data)


def ringed(fig: go.Figure) -> bool:
    """Return whether a figure has maps of the same pictures, each of which is to be ringed in all (see ringed.js)."""
    return any(trace.meta == "ringed" for trace in fig.data)


def staged(fig: go.Figure) -> bool:
    """Return whether a figure has two scenes, which are to be seen from one side (see turned.js)."""
    return any(trace.type == "surface" and trace.scene == "scene2" for trace in fig.data)


def table(view: AttackView, setting: Setting) -> bytes:
    """Return every number of the page as CSV (RFC 4180): model, step, class, quantity, value.

    step is "clean", a number, "result", "transfer" (the picture made on the other model) or "noise".
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    kinds = ((view.a, view.noise_a), (view.b, view.noise_b))
    for side, moved, (found, noise) in zip(sides(view, setting), sides(view, setting, True), kinds, strict=True):
        for row in _rows(side, moved, found, noise, setting):
            writer.writerow([_safe(cell) for cell in row])
    return out.getvalue().encode()


def snippet(address: str) -> str:
    """Return Python that computes an address's numbers again by the public interface and prints the margins."""
    return SNIPPET.format(address=ascii(address))


def _rows(side: Side, moved: Side, found: AttackResult, noise: Control, setting: Setting) -> Iterator[tuple[Any, ...]]:
    """Yield a model's rows."""
    name, classes = f"{side.letter} {side.name}", setting.classes
    yield name, "clean", classes[side.label] if side.label >= 0 else "", "true class", side.label
    yield name, "", classes[side.goal], "wanted class" if side.targeted else "class to leave", side.goal
    moments: list[tuple[str | int, Moment]] = [("clean", side.clean), *enumerate(side.path), ("result", side.end)]
    for step, moment in [*moments, ("transfer", moved.end)]:
        for label, logit, p in zip(classes, moment.logits, moment.p, strict=True):
            yield name, step, label, "logit", logit
            yield name, step, label, "probability", float(p)
        yield name, step, "", "margin", moment.margin
        yield name, step, "", f"distance {setting.norm}", moment.distance
        if side.thing == "point":
            yield name, step, "", "x", moment.x[0]
            yield name, step, "", "y", moment.x[1]
    for step, loss in enumerate(found.path["loss"][:, 0] if found.path else ()):
        yield name, step, "", "loss", loss
    for norm, values in found.distance.items():
        yield name, "result", "", f"length {norm}", values[0]
    yield name, "result", "", "goal reached", int(side.reached)
    yield name, "result", "", "images", found.images
    yield name, "result", "", "seconds", found.seconds
    yield name, "noise", "", "copies", len(noise.changed)
    yield name, "noise", "", f"mean distance {setting.norm}", float(noise.distance.mean())
    yield name, "noise", "", "answers changed", int(noise.changed.sum())


def _safe(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
