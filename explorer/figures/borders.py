"""Where regions of a grid meet, as lines, and where each of them has room for its name."""

import numpy as np

from explorer.core.results import Array


def borders(labels: Array, margin: Array, across: Array, up: Array) -> tuple[Array, Array]:
    """Return the lines between regions, x and y (M,) each, NaN where one ends.

    On each side of a square of four places whose ends have different labels the border is put where the two margins
    would meet, both falling to 0. A square crossed twice has one stretch of border; one crossed more often has a
    stretch from each crossing to their mean: there three regions meet, or two thin ones pass.

    labels, margin : (G, G), row = second coordinate; across, up : (G,), the grid's places
    """
    m = margin.astype(np.float64) + 1e-9
    level, upright = labels[:, :-1] != labels[:, 1:], labels[:-1] != labels[1:]
    x = across[:-1] + np.diff(across) * m[:, :-1] / (m[:, :-1] + m[:, 1:])  # (G, G - 1), on level sides
    y = up[:-1, None] + np.diff(up)[:, None] * m[:-1] / (m[:-1] + m[1:])  # (G - 1, G), on upright ones
    crossed = np.stack([level[:-1], level[1:], upright[:, :-1], upright[:, 1:]], axis=-1)  # below, above, left, right
    size = crossed.shape[:2]
    columns, rows = np.broadcast_to(across, (size[0], len(across))), np.broadcast_to(up[:, None], (len(up), size[1]))
    px = np.stack([x[:-1], x[1:], columns[:, :-1], columns[:, 1:]], axis=-1)
    py = np.stack([rows[:-1], rows[1:], y[:, :-1], y[:, 1:]], axis=-1)
    places = np.stack([px, py], axis=-1)  # (G - 1, G - 1, 4, 2)
    count = crossed.sum(-1)
    two = count == 2
    simple = places[two][crossed[two]].reshape(-1, 2, 2)
    many = places[count > 2], crossed[count > 2]
    middle = (many[0] * many[1][..., None]).sum(1) / np.maximum(many[1].sum(1), 1)[:, None]
    spokes = np.stack([many[0], np.broadcast_to(middle[:, None], many[0].shape)], axis=2)[many[1]]
    lines = np.concatenate([simple, spokes])
    return _joined(lines.tolist())


def _joined(stretches: list[list[list[float]]]) -> tuple[Array, Array]:
    """Return stretches, each from a place to another, as few broken lines: pieces end to end would look beaded."""
    touching: dict[tuple[float, ...], list[int]] = {}
    for i, ends in enumerate(stretches):
        for end in ends:
            touching.setdefault(tuple(end), []).append(i)
    left, found = set(range(len(stretches))), list[tuple[float, ...]]()
    for start in sorted(touching, key=lambda place: len(touching[place]) == 2):  # where lines end; rings come last
        while any(i in left for i in touching[start]):
            here: tuple[float, ...] | None = start
            while here is not None:
                found.append(here)
                on = next((i for i in touching[here] if i in left), None)
                left.discard(on)
                here = None if on is None else next((tuple(end) for end in stretches[on] if tuple(end) != here), here)
            found.append((np.nan, np.nan))
    x, y = np.array(found).reshape(-1, 2).T
    return x, y


def centres(labels: Array, depth: int, avoid: Array) -> dict[int, tuple[int, int]]:
    """Return where each class has most room, (row, column), of those that have `depth` places to all sides.

    avoid : (M, 2), rows and columns of what is not to be covered: as much room again is kept from it
    """
    rows, columns = np.indices(labels.shape)
    free = np.ones(labels.shape, bool)
    for row, column in avoid:
        free &= np.maximum(np.abs(rows - row), np.abs(columns - column)) > depth
    found = {}
    for c in np.unique(labels):
        left, layers = np.pad((labels == c) & free, 1), np.zeros(labels.shape, np.int64)
        while left.any():
            layers += left[1:-1, 1:-1]
            inner = left[1:-1, 1:-1] & left[:-2, 1:-1] & left[2:, 1:-1] & left[1:-1, :-2] & left[1:-1, 2:]
            left = np.pad(inner, 1)
        if layers.max() >= depth:
            row, column = np.unravel_index(layers.argmax(), layers.shape)
            found[int(c)] = (int(row), int(column))
    return found
