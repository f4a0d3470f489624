"""What lies on a plane and near it: training pictures, the attack's steps, what the plane was laid through."""

import numpy as np

from explorer.core.results import Array, Trail
from explorer.figures.frames import Dict, Part
from explorer.figures.half import Half
from explorer.figures.images import pixels, sharp
from explorer.figures.slicing import close
from explorer.figures.style import SYMBOLS, Palette, plain

MANY, SIZES = 200, (8, 5)  # so many marks get in each other's way; px of a mark among few, and among many
THUMB = 0.08  # a picture's share of the width


def neighbours(half: Half) -> Part:
    """Return the training pictures near the plane, a colour and a shape for each class."""
    near, traces = half.view.near, []
    if near is None:
        return Part()
    rows = close(near, half.show)[0]
    for c in np.unique(near.labels[rows]).tolist():
        mine = rows[near.labels[rows] == c]
        u, v = half.place(near.places[mine]).T
        custom = np.stack([near.index[mine], half.place(near.off[mine])], axis=1)
        told = f"training {half.thing} %{{customdata[0]}}, class '{plain(half.setting.classes[c])}'"
        told += f"<br>%{{customdata[1]:.3g}}/{half.setting.unit} away from the plane in ℓ2<extra></extra>"
        line = {"color": half.colours.ink, "width": 0.9}
        mark = {
            "size": SIZES[len(rows) > MANY],
            "symbol": SYMBOLS[c % 10],
            "color": half.colours.classes[c % 10],
            "line": line,
        }
        traces.append(half.trace(mode="markers", x=u, y=v, marker=mark, customdata=custom, hovertemplate=told))
    return Part(traces)


def trail(half: Half) -> Part:
    """Return the attack's steps on this model, each at the place of the plane that is nearest to it."""
    found, setting = half.trail, half.setting
    if found is None:
        return Part()
    u, v = half.place(found.places).T
    said = [plain(setting.classes[int(c)]) for c in found.labels]
    custom = [
        [stage(half, found, t), name, f"{off:.3g}", f"{size:.3g}"]
        for t, name, off, size in zip(
            found.steps.tolist(), said, half.place(found.off), half.place(found.length), strict=True
        )
    ]
    told = f"<b>%{{customdata[0]}}</b>: %{{customdata[1]}}<br>%{{customdata[2]}}/{setting.unit} away from the plane, "
    told += f"%{{customdata[3]}}/{setting.unit} away from the {half.thing} (ℓ2)<extra>attack on {'AB'[half.i]}</extra>"
    red = half.colours.adversarial
    style: Dict = {"line": {"color": red, "width": 2}, "marker": {"size": 5, "color": red}}
    return Part([half.trace(mode="lines+markers", x=u, y=v, customdata=custom, hovertemplate=told, **style)])


def stage(half: Half, found: Trail, step: int) -> str:
    """Return what a step of an attack is called."""
    return (
        f"the {half.thing}" if step < 0 else "outcome" if step >= found.count else f"step {step} of {found.count - 1}"
    )


def marks(half: Half) -> Part:
    """Return the picture, and what else the plane was laid through: attacks by stars, pictures by themselves."""
    section, traces, stills = half.view.section, list[Dict](), list[Dict]()
    pictures = [name for name in section.marks if not name.startswith("attack")]
    for name, at in section.marks.items():
        u, v = half.place(at).tolist()
        star = name.startswith("attack")
        words = name[-1] if star else name.removeprefix("point").removeprefix("picture").strip()
        told = f"{name}<extra></extra>"
        font = {"size": 12, "color": half.colours.ink}
        common: Dict = {"x": [u], "y": [v], "mode": "markers+text", "text": [f"<b>{words}</b>"], "hovertemplate": told}
        where = "bottom right" if name.endswith("B") else "top right"  # both attacks may end at one place
        traces.append(half.trace(**common, textposition=where, textfont=font, marker=_mark(star, half.colours)))
        if len(pictures) == 3 and section.origin.ndim == 3:
            stills.append(_thumb(half, at))
    return Part(traces, stills=stills)


def _thumb(half: Half, at: Array) -> Dict:
    """Return a picture that the plane was laid through, beside its mark on the side away from the others."""
    section = half.view.section
    left, right, bottom, top = half.place(section.window).tolist()
    u, v = half.place(at)
    middle = half.place(np.mean(list(section.marks.values()), axis=0))
    size = THUMB * (right - left)
    x = u - size * (1.15 if u < middle[0] else -0.15)
    y = v + size * (1.15 if v > middle[1] else -0.15)
    picture = section.origin + at[0] * section.across + at[1] * section.up
    where = (min(max(x, left), right - size), min(max(y, bottom + size), top), size, size)
    return half.still(sharp(pixels(picture.clip(0, 1))), *where, "above")


def _mark(star: bool, colours: Palette) -> Dict:
    if star:
        return {"size": 14, "color": colours.adversarial, "symbol": "star", "line": {"color": colours.page, "width": 1}}
    return {"size": 12, "color": colours.page, "line": {"color": colours.ink, "width": 2.5}}
