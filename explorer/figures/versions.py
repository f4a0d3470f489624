"""One picture's robust and non-robust version, made on model A and on model B."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Drawings, Drawn, Refused, Versions
from explorer.figures.drawings import answer, picture, share
from explorer.figures.images import change, gain
from explorer.figures.setting import percent
from explorer.figures.sight import Sight
from explorer.figures.strips import Mark, Strip, strips
from explorer.figures.style import SIGNS, plain


def versions(found: Versions, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw a row for each version: the picture, what it is made of, and what each model makes of it."""
    setting, robust, moved = sight.setting, found.robust, found.relabelled
    begun = plain(setting.classes[int(robust.origin[0])])
    label = plain(_label(found, sight))
    first = Strip(
        f"<b>Robust version</b>, labelled '{label}': another picture, moved towards the picture's representation",
        [
            picture(robust, setting),
            Mark(robust.start[0], f"start: {begun}", hover=f"start: a picture of {begun}"),
            *_made(robust, sight),
        ],
    )
    wanted = plain(setting.classes[_wanted(found)])
    second = Strip(
        f"<b>Non-robust version</b>, labelled '{wanted}': the picture, moved within ℓ2 ≤ {moved.eps:.3g} towards it",
        [picture(moved, setting), _change(moved, sight), *_made(moved, sight)],
    )
    return strips([first, second], dark=dark)


def _label(found: Versions, sight: Sight) -> str:
    """Return the picture's label; where nobody said it what model A sees, as the wanted class is counted from that."""
    if found.robust.label >= 0:
        return sight.setting.classes[found.robust.label]
    a = found.relabelled.a
    return sight.setting.classes[int(a.logits_start[0].argmax())] if isinstance(a, Drawn) else ""


def _wanted(found: Versions) -> int:
    return next(int(one.sought[0]) for one in (found.relabelled.a, found.relabelled.b) if isinstance(one, Drawn))


def _made(found: Drawings, sight: Sight) -> list[Mark | None]:
    marks: list[Mark | None] = []
    for i, (drawn, other) in enumerate(((found.a, found.other_b), (found.b, found.other_a))):
        if isinstance(drawn, Refused) or other is None:
            marks.append(None)
            continue
        own, theirs = (" ".join(answer(logits[0], sight.setting)) for logits in (drawn.logits, other))
        by = (own, theirs) if i == 0 else (theirs, own)
        below = "<br>".join(f"{sign} {'AB'[k]}: {words}" for k, (sign, words) in enumerate(zip(SIGNS, by, strict=True)))
        above = f"{SIGNS[i]} by {'AB'[i]} · {plain(sight.setting.names[i])}"
        left = f"{percent(float(share(drawn)[0]))} of the distance in representation is left<br>"
        hover = (left if found.what == "inversion" else "") + f"ℓ2 {drawn.distance[0]:.3g} from the start"
        marks.append(Mark(drawn.x[0], above, below, hover))
    return marks


def _change(found: Drawings, sight: Sight) -> Mark | None:
    if isinstance(found.a, Refused):
        return None
    delta = found.a.x[0] - found.x[0]
    reach = float(np.abs(delta).max()) or 1.0
    word = f"A's change × {gain(reach):.3g}"
    return Mark(change(delta, reach), word, hover=f"what model A ({plain(sight.setting.names[0])}) changed", bytes=True)


def told(found: Versions, sight: Sight) -> list[str]:
    """Return what each version is, and what both models say of it."""
    setting, names = sight.setting, sight.setting.names
    label, wanted = _label(found, sight), setting.classes[_wanted(found)]
    lines = []
    for robust, drawings in ((True, found.robust), (False, found.relabelled)):
        for i, (drawn, other) in enumerate(((drawings.a, drawings.other_b), (drawings.b, drawings.other_a))):
            if isinstance(drawn, Refused) or other is None:
                lines.append(f"The {names[i]} model: {drawn.sentence}" if isinstance(drawn, Refused) else "")
                continue
            own, theirs = (" ".join(answer(logits[0], setting)) for logits in (drawn.logits, other))
            how = (
                f"Robust version by the {names[i]} model, labelled '{label}': {percent(float(share(drawn)[0]))} of the "
                f"distance in representation is left"
                if robust
                else f"Non-robust version by the {names[i]} model, labelled '{wanted}': "
                f"ℓ2 {setting.length(float(drawn.distance[0]), 'l2')} from the picture"
            )
            lines.append(f"{how}. It says {own} of it, the {names[1 - i]} model {theirs}.")
    return lines
