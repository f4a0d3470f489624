"""A plane of class regions: colour by class, strength by confidence, and the decision boundary."""

import numpy as np

from explorer.core.results import Array, Plane
from explorer.figures.frames import Dict, Part
from explorer.figures.images import encode, uri
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

FAINT, STRONG = 0.1, 0.62  # how much of the class's colour an unsure and a sure model show


def regions(found: Plane, setting: Setting, k: int, dark: bool) -> Part:
    """Return the regions of one plane on axis k; hovering tells what the model says there."""
    p = found.probabilities  # (G, G, K)
    count, where = p.shape[-1], _grid(p) | {"xaxis": f"x{k}", "yaxis": f"y{k}", "showscale": False}
    picture = place(found, k) | {"source": uri(encode(shade(p, dark)[::-1]))}
    shown, words = (p[..., 1], plain(setting.classes[1])) if count == 2 else (p.max(-1), "sure at")
    hover = f"(%{{x:.2f}}, %{{y:.2f}}): {words} %{{z}} %<extra></extra>"
    under = {"type": "heatmap", "z": np.rint(100 * shown).astype(np.uint8), "opacity": 0, "hovertemplate": hover}
    lines = [line | where for line in boundaries(found, dark)]
    return Part([under | where, *lines], stills=[picture])


def place(found: Plane, k: int) -> Dict:
    """Return where the picture of a plane lies on axis k, but for its source."""
    n, cell = "" if k == 1 else k, 1 / (len(found.probabilities) - 1)
    where = {"xref": f"x{n}", "yref": f"y{n}", "x": -cell / 2, "y": 1 + cell / 2, "sizex": 1 + cell, "sizey": 1 + cell}
    return where | {"xanchor": "left", "yanchor": "top", "sizing": "stretch", "layer": "below"}


def boundaries(found: Plane, dark: bool) -> list[Dict]:
    """Return the lines around each class's region, but for their axes; of two classes there is one."""
    p = found.probabilities
    count = p.shape[-1]
    return [_boundary(p, c, dark) | _grid(p) for c in (range(count) if count > 2 else [1])]


def _grid(p: Array) -> Dict:
    """Return where the values stand: at cell centres, the outer ones on the box itself."""
    cell = 1 / (len(p) - 1)
    return {"x0": 0, "dx": cell, "y0": 0, "dy": cell}


def shade(p: Array, dark: bool) -> Array:
    """Return probabilities (G, G, K) as bytes (G, G, 3): the class's colour, the stronger the surer."""
    return tint(p.argmax(-1), p.max(-1), p.shape[-1], dark)


def tint(labels: Array, confidence: Array, count: int, dark: bool) -> Array:
    """Return labels and the top class's probability (G, G), of `count` classes, as bytes (G, G, 3)."""
    colours = palette(dark)
    page = rgb(colours.page)
    classes = np.array([rgb(colours.classes[c % 10]) for c in range(count)])
    sure = (confidence.astype(np.float64) - 1 / count) / (1 - 1 / count)
    strength = (FAINT + (STRONG - FAINT) * sure.clip(0, 1))[..., None]
    return np.asarray(np.rint(page + strength * (classes[labels] - page)).astype(np.uint8))


def _boundary(p: Array, c: int, dark: bool) -> Dict:
    """Return the line around the region of a class: where it and the best other are equally likely."""
    lead = p[..., c] - np.delete(p, c, axis=-1).max(-1)
    line = {"color": palette(dark).ink, "width": 1.5}
    levels = {"start": 0, "end": 0, "size": 1, "coloring": "none"}
    z = np.rint(30000 * lead).astype(np.int16)
    return {"type": "contour", "z": z, "contours": levels, "line": line, "hoverinfo": "skip"}


def rgb(colour: str) -> Array:
    """Return a colour's three bytes, (3,) float."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)
