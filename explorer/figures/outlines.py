"""The changed pixels of a picture: which they are, how many, and an outline around each."""

import numpy as np

from explorer.core.results import Array
from explorer.figures.style import LIGHT

# Shares of the picture's side: as wide on 8 pixels as on 32. The red line stands off by 4 : 1 from black and from
# white; where the picture is red or grey, or the eye sees no red, the white casing around a group does.
LINE, CASING = 1 / 190, 1 / 85


def changed(x: Array, clean: Array) -> Array:
    """Return where a picture (C, H, W) differs from the clean one, (H, W) bool: a pixel once, whatever its channels."""
    return np.asarray((x != clean).any(0))


def counted(x: Array, clean: Array) -> str:
    """Return how many of the pixels changed: "7 of 784 pixels"."""
    where = changed(x, clean)
    return f"{where.sum()} of {where.size} pixels"


def outlines(where: Array) -> str:
    """Return the outlines of pixels (H, W) bool as SVG, in units of a pixel: lines alone, nothing filled.

    Each pixel has its line; groups of them are cased where they end, so that many leave the picture to be seen.
    """
    if not where.any():
        return ""
    squares = "".join(f"M{column} {row}h1v1h-1z" for row, column in np.argwhere(where))
    wide = np.pad(where, 1)
    level, upright = (np.argwhere(np.diff(wide, axis=axis)) for axis in (0, 1))  # where a group ends
    ends = "".join([f"M{u - 1} {v}h1" for v, u in level] + [f"M{u} {v - 1}v1" for v, u in upright])
    strokes = (("white", CASING, ends), (LIGHT.adversarial, LINE, squares))
    side = max(where.shape)
    return "".join(
        f"<path fill='none' stroke='{colour}' stroke-width='{width * side:.3g}' stroke-linecap='square' d='{path}'/>"
        for colour, width, path in strokes
    )
