"""What both models drew, in rows: where drawings begin, model A's, model B's."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Drawings, Drawn, Refused
from explorer.core.words import number
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import softmax
from explorer.figures.sight import Sight
from explorer.figures.strips import Mark, Strip, strips
from explorer.figures.style import SIGNS, palette, plain

STILL = 1e-6  # l2: what moved less has not moved
BEGUN = {
    "average": "the average of all test pictures, which is of no class",
    "picture": "the chosen picture",
    "noise": "noise",
    "class": "a draw from each class's own Gaussian, which knows the class",
}
DRAWS = {
    "classes": "draws each class",
    "units": "draws its units",
    "inversion": "moves each towards the picture · left: of the distance in representation",
}


def drawings(found: Drawings, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw the starts, and under them what model A and model B made of them."""
    rows = [_starts(found, sight.setting)]
    for i, drawn in enumerate((found.a, found.b)):
        name = f"<b>{SIGNS[i]} {'AB'[i]} · {plain(sight.setting.names[i])}</b> "
        tone = palette(dark).models[i]
        if isinstance(drawn, Refused):
            rows.append(Strip(f"{name}: {plain(drawn.sentence)}", [], tone))
            continue
        other = (found.other_b, found.other_a)[i]
        marks: list[Mark | None] = [None] if found.what == "inversion" else []
        marks += [_mark(found, drawn, other, j, i, sight.setting, dark) for j in range(len(drawn.x))]
        rows.append(Strip(name + DRAWS[found.what], marks, tone))
    return strips(rows, dark=dark)


def _starts(found: Drawings, setting: Setting) -> Strip:
    ends = f"{found.steps} steps of ℓ2 length {found.step:.3g}, within ℓ2 ≤ {found.eps:.3g}"
    if found.what == "inversion":
        alone = iter(("average", "noise"))
        words = [plain(setting.classes[label]) if label >= 0 else next(alone) for label in found.origin]
        starts = [Mark(x, word, hover=f"start: {word}") for x, word in zip(found.start, words, strict=True)]
        return Strip(f"<b>The picture, and where drawings begin</b> · {ends}", [picture(found, setting), *starts])
    same = bool((found.start == found.start[:1]).all())
    starts = [Mark(x, hover="start") for x in (found.start[:1] if same else found.start)]
    heading = f"<b>Start:</b> {BEGUN[found.begun]} · {ends}"
    if found.what == "units":
        return Strip(heading, [*starts, picture(found, setting)] if same else starts)
    return Strip(heading, starts)


def picture(found: Drawings, setting: Setting) -> Mark:
    """Return the chosen picture with its class."""
    word = f"picture: {plain(setting.classes[found.label])}" if found.label >= 0 else "picture"
    return Mark(found.x[0], word, hover=f"the chosen {word}")


def _mark(found: Drawings, drawn: Drawn, other: Array | None, j: int, i: int, setting: Setting, dark: bool) -> Mark:
    sought = int(drawn.sought[j])
    said, sure = answer(drawn.logits[j], setting)
    told = [f"{said} {sure}"]
    above, tone = "", ""
    if found.what == "classes":
        above = plain(setting.classes[sought])
        good = int(drawn.logits[j].argmax()) == sought
        told = [f"{'✓' if good else '✗'} {said}", sure]
        tone = "" if good else palette(dark).adversarial
    elif found.what == "units":
        above = f"unit {sought}"
        told = [f"{number(float(drawn.before[j]))} → {number(float(drawn.after[j]))}", *told]
    else:
        told = [*told, f"left: {percent(share(drawn)[j])}"]
    return Mark(drawn.x[j], above, "<br>".join(told), _hover(found, drawn, other, j, i, setting), tone)


def share(drawn: Drawn) -> Array:
    """Return how much of the distance in representation is left, (K,), of what it was at the start."""
    return np.asarray(drawn.after / np.maximum(drawn.before, 1e-30))


def answer(logits: Array, setting: Setting) -> tuple[str, str]:
    """Return what a model says, and how sure it is."""
    return plain(setting.classes[int(logits.argmax())]), percent(float(softmax(logits).max()))


UNITS = {"classes": "log odds of", "units": "activation of unit", "inversion": "distance in representation from"}


def _hover(found: Drawings, drawn: Drawn, other: Array | None, j: int, i: int, setting: Setting) -> str:
    sought = str(drawn.sought[j]) if found.what == "units" else plain(setting.classes[int(drawn.sought[j])])
    lines = [f"{UNITS[found.what]} {'the picture' if found.what == 'inversion' else sought}: "]
    lines[0] += f"{drawn.before[j]:.3g} → {drawn.after[j]:.3g}"
    lines.append(f"ℓ2 {drawn.distance[j]:.3g} from the start")
    lines.append("model {} says: {} {}".format("AB"[i], *answer(drawn.logits[j], setting)))
    if other is not None:
        lines.append("model {} says: {} {}".format("BA"[i], *answer(other[j], setting)))
    return "<br>".join(lines)


def told(found: Drawings, sight: Sight) -> list[str]:
    """Return the budget, and what became of each model's drawings."""
    side = found.start[0].size ** 0.5
    first = (
        f"Each drawing takes {found.steps} steps of ℓ2 length {found.step:.3g}"
        f"{', shrinking to none,' if found.what == 'inversion' else ''} and keeps within ℓ2 {found.eps:.3g} of its "
        f"start ({found.eps / side:.2g} of the range from black to white per value, in root mean square)."
    )
    names, others = sight.setting.names, (found.other_b, found.other_a)
    halves = zip(names, names[::-1], (found.a, found.b), others, strict=True)
    return [first, *(_told(found.what, *half) for half in halves)]


def _told(what: str, name: str, rival: str, drawn: Drawn | Refused, other: Array | None) -> str:
    if isinstance(drawn, Refused) or other is None:
        return f"The {name} model: {drawn.sentence if isinstance(drawn, Refused) else ''}"
    count = len(drawn.x)
    still = int((drawn.distance < STILL).sum())
    end = f" {still} of {count} came no further than where they began." if still else ""
    if what == "classes":
        own, theirs = ((logits.argmax(1) == drawn.sought).sum() for logits in (drawn.logits, other))
        return (
            f"In what the {name} model drew, it sees the wanted class itself in {own} of {count}; the {rival} model "
            f"sees it in {theirs}.{end}"
        )
    if what == "units":
        rise = f"from {_span(drawn.before)} to {_span(drawn.after)}"
        return f"The {name} model's units {_listed(drawn.sought)} rise {rise}.{end}"
    own, theirs = ((logits.argmax(1) == drawn.sought).sum() for logits in (drawn.logits, other))
    return (
        f"The {name} model's distance in representation from the picture falls from {_span(drawn.before)} to "
        f"{_span(drawn.after)}, in lengths of the picture's representation. It sees in {own} of {count} what it sees "
        f"in the picture; the {rival} model in {theirs}.{end}"
    )


def _span(values: Array) -> str:
    low, high = f"{values.min():.3g}", f"{values.max():.3g}"
    return low if low == high else f"{low}–{high}"


def _listed(units: Sequence[int] | Array) -> str:
    return ", ".join(str(unit) for unit in units)
