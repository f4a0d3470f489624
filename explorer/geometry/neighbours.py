"""Pictures near a plane through input space."""

import numpy as np
from torch import Tensor

from explorer.core.progress import Tick, silent
from explorer.core.results import Neighbours, Section
from explorer.geometry.plane import place

BATCH = 1000  # pictures whose places are found at once
KEPT = 1000


def neighbours(section: Section, x: Tensor, y: Tensor, *, kept: int = KEPT, tick: Tick = silent) -> Neighbours:
    """Return those of pictures x (N, ...) of classes y (N,) nearest to a plane, by l2, whose place on it is in sight.

    kept : so many at most
    """
    parts = []
    for start in range(0, len(x), BATCH):
        tick(start, len(x))
        parts.append(place(section, x[start : start + BATCH]))
    places, off = (np.concatenate(column) for column in zip(*parts, strict=True))
    left, right, bottom, top = section.window
    within = (places >= [left, bottom]).all(1) & (places <= [right, top]).all(1)
    rows = np.flatnonzero(within)
    nearest = rows[np.argsort(off[rows], kind="stable")[:kept]]
    return Neighbours(nearest, y.numpy()[nearest], places[nearest], off[nearest], len(x), len(rows))
