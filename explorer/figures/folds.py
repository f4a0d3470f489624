"""Where networks of ReLUs are linear, as a layer of a slice: the lines between regions, or how densely they lie."""

import numpy as np

from explorer.core.results import Array, Folds, Regions
from explorer.figures.frames import Part
from explorer.figures.half import Half
from explorer.figures.images import encode, uri
from explorer.figures.regions import rgb

STRONGEST = 0.6  # of the ink, where most units switch
CLIP = 99  # percentile of the places at which the shade is strongest


def folds(half: Half) -> Part:
    """Return the lines between the regions of a half's model; where they are not known, a shade of how many there are.

    Of the grid's places those are darker between which a larger share of the units switches, on one scale for both.
    Nothing where they were not asked for, whatever the layer's switch says.
    """
    both = half.view.folds
    found = None if both is None else (both.a, both.b)[half.i]
    if both is None or not isinstance(found, Regions):
        return Part()
    if found.exact:
        broken = np.concatenate([found.cuts, np.full((len(found.cuts), 1, 2), np.nan, np.float32)], axis=1)
        u, v = half.place(broken.reshape(-1, 2)).astype(np.float32).T
        line = {"color": half.colours.soft, "width": 0.6, "simplify": False}  # which leaves short lines out
        return Part([half.trace(mode="lines", x=u, y=v, line=line, opacity=0.7)])
    left, right, bottom, top = half.place(found.section.window).tolist()
    side = len(found.switched)
    cell = (right - left) / (side - 1), (top - bottom) / (side - 1)
    where = (left - cell[0] / 2, top + cell[1] / 2, side * cell[0], side * cell[1])
    return Part(stills=[half.still(uri(encode(shade(found, both, half.colours.ink)[::-1])), *where, "below")])


def shade(found: Regions, both: Folds, ink: str) -> Array:
    """Return what share of the units switches at each place as bytes (G, G, 4), on one scale for both models."""
    known = [one.switched / one.units for one in (both.a, both.b) if isinstance(one, Regions) and not one.exact]
    most = max(float(np.percentile(one, CLIP)) for one in known) or 1.0
    strength = STRONGEST * (found.switched / found.units / most).clip(0, 1)
    colour = np.broadcast_to(rgb(ink), (*strength.shape, 3))
    return np.asarray(np.rint(np.concatenate([colour, 255 * strength[..., None]], axis=-1)).astype(np.uint8))
