"""The layers of a slice, one over the other: a function each, which draws its share of one model's half."""

from collections.abc import Callable

import numpy as np

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array
from explorer.figures.borders import borders, centres
from explorer.figures.folds import folds
from explorer.figures.frames import Dict, Part
from explorer.figures.half import Half
from explorer.figures.images import encode, uri
from explorer.figures.regions import tint
from explorer.figures.style import plain
from explorer.figures.tracks import marks, neighbours, trail

NAMED = 12  # of 201 places, to all sides, that a region needs to be named where it lies
LEVELS = 6  # lines of equal margin up to the largest


def away(half: Half) -> Array:
    """Return how far from the picture the places are at which pointing tells something, on both halves the same."""
    s, t = (ticks[:: half.step] for ticks in half.view.section.ticks(len(half.found.labels)))
    far = half.view.section.length(np.stack(np.meshgrid(s, t), axis=-1).reshape(-1, 2))
    return half.place(far.reshape(len(t), len(s)))


def hover(half: Half, far: Array) -> Part:
    """Return what pointing at a place tells: an unseen map of the margins. far : see `away`."""
    step, found, setting = half.step, half.found, half.setting
    labels, margin, sure = (part[::step, ::step] for part in (found.labels, found.margin, found.confidence))
    names = np.array([plain(name) for name in setting.classes])[labels]
    custom = np.stack([100 * sure.astype(np.float32), far], axis=-1).astype(np.float32)
    told = (
        "<b>%{text}</b>, confidence %{customdata[0]:.0f} %, margin %{z:.2f}<br>"
        f"place (%{{x:.3g}}, %{{y:.3g}}), %{{customdata[1]:.3g}}/{setting.unit} from the {half.thing} "
        f"in {SYMBOLS[half.view.section.norm]}<extra>{'AB'[half.i]}</extra>"
    )
    x, y = half.ticks(step)
    unseen: Dict = {"type": "heatmap", "opacity": 0, "showscale": False, "x": x, "y": y, "hovertemplate": told}
    unseen |= {"name": half.name} | ({"meta": "plane"} if half.thing == "picture" else {})  # by which probe.js knows it
    return Part([half.trace(**unseen, z=margin.astype(np.float32), text=names, customdata=custom)])


def regions(half: Half) -> Part:
    """Return the classes in their colours, the decision boundary between them, and names where there is room."""
    found, (x, y) = half.found, half.ticks()
    side, cell = len(found.labels), (x[1] - x[0], y[1] - y[0])
    levels = tint(found.labels, found.confidence, len(half.setting.classes), half.dark)
    where = (x[0] - cell[0] / 2, y[-1] + cell[1] / 2, side * cell[0], side * cell[1])
    still = half.still(uri(encode(levels[::-1])), *where, "below")
    u, v = borders(found.labels, found.margin, x, y)
    line = half.trace(mode="lines", x=u, y=v, line={"color": half.colours.ink, "width": 1.6})
    notes = []
    avoid = np.rint((_busy(half) - [x[0], y[0]]) / cell)[:, ::-1]
    for c, (row, column) in centres(found.labels, NAMED * side // 201, avoid).items():
        note: Dict = {"xref": f"x{half.n}", "yref": f"y{half.n}", "x": x[column], "y": y[row], "showarrow": False}
        note |= {"text": plain(half.setting.classes[c]), "font": {"size": 13, "color": half.colours.ink}}
        notes.append(note | {"bgcolor": half.colours.page, "opacity": 0.85, "borderpad": 2})
    return Part([line], stills=[still], notes=notes)


def _busy(half: Half) -> Array:
    """Return places (M, 2) that names of classes should leave free: the marks, and some of the trail."""
    trail = half.trail
    places = [*half.view.section.marks.values(), *([] if trail is None else trail.places[:: 1 + len(trail.off) // 20])]
    return half.place(np.array(places).reshape(-1, 2))


def contours(half: Half) -> Part:
    """Return lines of equal margin, at the same levels on both halves."""
    most = max(float(one.margin.max()) for one in (half.view.a, half.view.b))
    size = round_number(most / LEVELS)
    levels = {"start": size, "end": most, "size": size, "coloring": "none", "showlabels": True}
    levels["labelfont"] = {"size": 10, "color": half.colours.ink}
    line = {"color": half.colours.soft, "width": 0.8}
    x, y = half.ticks(half.step)
    z = half.found.margin[:: half.step, :: half.step].astype(np.float32)
    return Part([half.trace(type="contour", x=x, y=y, z=z, contours=levels, line=line, showscale=False)])


def outlines(half: Half) -> Part:
    """Return the outlines of the box, solid, and of the budget within it, dashed."""
    found = half.view.outlines
    if found is None:
        return Part()
    thin, dashed = {"color": half.colours.ink, "width": 1}, {"color": half.colours.budget, "width": 2, "dash": "dash"}
    parts = [(found.box, thin), (found.both, dashed)]
    return Part([_ring(half, corners, line) for corners, line in parts if len(corners)])


def _ring(half: Half, corners: Array, line: Dict) -> Dict:
    u, v = half.place(np.concatenate([corners, corners[:1]])).T
    return half.trace(mode="lines", x=u, y=v, line=line)


def round_number(value: float) -> float:
    """Return a number of one digit, 1, 2 or 5, near a positive one."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(min((1, 2, 5, 10), key=lambda digit: abs(digit * power - value)) * power)


LAYERS: dict[str, Callable[[Half], Part]] = {  # from the lowest up, by the page's switches
    "regions": regions,
    "folds": folds,
    "contours": contours,
    "neighbours": neighbours,
    "outlines": outlines,
    "trail": trail,
    "marks": marks,
}
