"""What an attack does to the explanation: the maps of the clean and of the attacked picture, a row for each model."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import AttackResult, Look, Looks, MovedLook, Refused, Saliency
from explorer.core.stats import rank_correlation
from explorer.figures.coordinates import coordinates
from explorer.figures.looks import rows_of
from explorer.figures.maps import cell, drawn_as, flat, reach
from explorer.figures.sheet import Cell, sheet
from explorer.figures.sight import Sight
from explorer.figures.style import SIGNS, palette

WHEN = {"clean": "of the clean picture", "attacked": "under attack"}
SNIPPET = '''"""What an attack did to the explanations of two models, computed again from its address."""

from scipy.stats import spearmanr

from explorer import run


def drawn(found):
    values = found.maps[0]
    if values.ndim == 1:  # a point of the plane
        return values
    return (values if {signed} and found.signed else abs(values)).sum(0).ravel()


found = run({address})
for name, before, after in (("A", found.clean.a, found.map_a), ("B", found.clean.b, found.map_b)):
    refused = next((one for one in (before, after) if hasattr(one, "sentence")), None)
    if refused:
        print(f"model {{name}}: {{refused.sentence}}")
    else:
        alike = spearmanr(drawn(before), drawn(after)).statistic
        print(f"model {{name}}: rank correlation of the two maps {{alike:.4f}}")
'''


def moved(found: MovedLook, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw picture and map before and after the attack for both models; of points the two values, as bars."""
    if found.clean.x.ndim == 2:
        seen = replace(sight, titles={"clean": f"{sight.title}, clean", "attacked": f"{sight.title}, under attack"})
        return coordinates(_as_looks(found), seen, dark=dark)
    limits = _limits(found, sight)
    rows = []
    for i, (before, attack, after) in enumerate(_halves(found)):
        name, tone = f"{SIGNS[i]} {'AB'[i]} · {sight.setting.names[i]}", palette(dark).models[i]
        row = []
        for x, one, logits, when, limit in (
            (attack.x[0], before, attack.logits[0], "clean", limits[i][0]),
            (attack.x_adv[0], after, attack.logits_adv[0], "under attack", limits[i][1]),
        ):
            said = sight.setting.classes[int(logits.argmax())]
            row.append(Cell(f"{name}, {when} picture", f"{name}\n{when}: says '{said}'", x, tone=tone))
            shown = cell(one, x, i, sight.title, limit, sight, dark)
            row.append(replace(shown, name=f"{name}, {when} map"))
        rows.append(row)
    return sheet(rows, overlay=int(sight.show["overlay"]), dark=dark)


def told(found: MovedLook, sight: Sight) -> list[str]:
    """Return what became of each model's answer and of its map, a sentence each."""
    maps = [one for before, _, after in _halves(found) for one in (before, after)]
    lines = [_one(i, *half, sight) for i, half in enumerate(_halves(found))]
    return [
        line for line in (*lines, drawn_as(maps, replace(sight, show={**sight.show, "scale": _scale(sight)}))) if line
    ]


def _one(i: int, before: Saliency | Refused, attack: AttackResult, after: Saliency | Refused, sight: Sight) -> str:
    setting = sight.setting
    first, last = (setting.classes[int(z[0].argmax())] for z in (attack.logits, attack.logits_adv))
    answer = f"still '{last}'" if first == last else f"'{first}' became '{last}'"
    length = setting.length(float(attack.distance[setting.norm][0]))
    start = f"The {setting.names[i]} model, moved by {setting.symbol} {length}: {answer}"
    if isinstance(before, Refused):
        return f"{start}. {before.sentence}"
    if isinstance(after, Refused):
        return f"{start}. {after.sentence}"
    if before.maps.ndim != 4:
        a, b = ([float(value) for value in one.maps[0]] for one in (before, after))
        return f"{start}; the two values go from {a[0]:.3g} and {a[1]:.3g} to {b[0]:.3g} and {b[1]:.3g}."
    alike = rank_correlation(flat(before, sight), flat(after, sight))
    words = "one of the two maps is flat" if alike is None else f"its two maps have a rank correlation of {alike:.2f}"
    return f"{start}; {words}."


def _halves(found: MovedLook) -> list[tuple[Saliency | Refused, AttackResult, Saliency | Refused]]:
    return [(found.clean.a, found.a, found.map_a), (found.clean.b, found.b, found.map_b)]


def _scale(sight: Sight) -> str:
    """Return the scale: each map its own, or all four one, as before and after are to be compared too."""
    return "each" if sight.show["scale"] == "each" else "all"


def _limits(found: MovedLook, sight: Sight) -> list[list[float]]:
    clip = float(sight.show["clip"])
    maps = [
        [[] if isinstance(one, Refused) else [flat(one, sight)] for one in (before, after)]
        for before, _, after in _halves(found)
    ]
    if _scale(sight) == "each":
        return [[reach(one, clip) for one in pair] for pair in maps]
    every = reach([one for pair in maps for some in pair for one in some], clip)
    return [[every, every], [every, every]]


def _as_looks(found: MovedLook) -> Looks:
    after = Look(found.clean.label, found.a.x_adv, found.map_a, found.map_b)
    return Looks({"clean": found.clean, "attacked": after})


def snippet(address: str, sight: Sight) -> str:
    """Return Python that computes the maps of an address again by the public interface and compares them as drawn."""
    return SNIPPET.format(address=ascii(address), signed=sight.show["map"] == "signed")


def table(found: MovedLook, sight: Sight) -> bytes:
    """Return every value of maps and pictures as CSV (RFC 4180): picture, model, what, channel, row, column, value."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found, sight))
    return out.getvalue().encode()


def _rows(found: MovedLook, sight: Sight) -> Iterator[tuple[Any, ...]]:
    yield "picture", "model", "what", "channel", "row", "column", "value"
    for name, (before, attack, after) in zip(sight.setting.names, _halves(found), strict=True):
        for when, one, x in (("clean", before, attack.x), ("attacked", after, attack.x_adv)):
            for what, values in (("picture", x), ("map", one if isinstance(one, Refused) else one.maps)):
                if isinstance(values, Refused):
                    yield when, name, what, "", "", "", values.sentence
                else:
                    for place, value in rows_of(np.asarray(values)[0]):
                        yield when, name, what, *place, value
