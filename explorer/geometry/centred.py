"""How alike unit vectors are beyond what all of them share: on the values that live, and centred."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from explorer.core.progress import Tick, silent
from explorer.core.results import Array, OverPairs

Among = Mapping[str, Array]  # kind -> (N, N) bool, which pairs are of it
SELDOM = 0.01  # share of the pictures
TINY = 1e-3  # of a unit vector: what is shorter has no direction worth a cosine
NOTE = "comparing pictures"


def live(x: Tensor) -> Array:
    """Return which values of pictures x (N, ...) are not nearly always the same, (d,) bool.

    Live is a value that differs from its median in one picture of a hundred or more. On a dead one, as in the corners
    of handwriting, a model learns nothing, and keeps the weights it began with.
    """
    flat = x.flatten(1)
    found: Array = ((flat != flat.median(0).values).float().mean(0) >= SELDOM).cpu().numpy()
    return found


def level(ways: Array, alive: Array) -> Array:
    """Return unit vectors (N, d) on the live values less each one's own mean, of length 1, (N, live) float64.

    The cosine of two is the correlation over values: that of sizes is 0, not 0.64, where they are drawn at random.
    Zeros where next to nothing is left.
    """
    held = ways[:, alive].astype(np.float64)
    return _units(held - held.mean(1, keepdims=True))


def on_live(ways: Array, alive: Array) -> Array:
    """Return unit vectors (N, d) on the live values, of length 1, (N, live) float64; zeros where little is there."""
    return _units(ways[:, alive].astype(np.float64))


def _units(ways: Array) -> Array:
    size = np.linalg.norm(ways, axis=1, keepdims=True)
    found: Array = np.divide(ways, size, out=np.zeros_like(ways), where=size > TINY)
    return found


def has_own(ways: Array, there: Array) -> Array:
    """Return which of the vectors (N, d) that are `there` have anything beyond the mean of those, (N,) bool."""
    some = there & ways.any(1)
    if some.any():
        some &= np.linalg.norm(ways - ways[some].mean(0), axis=1) > TINY
    return np.asarray(some)


def squares(ways: Array, there: Array, among: Among, *, tick: Tick = silent) -> dict[str, OverPairs]:
    """Return the mean squared cosine of vectors (N, d) less the mean of all that are `there`, over each kind of pairs.

    Squared, as the plain cosines of N centred vectors have a mean of about -1 / (N - 1) whatever they are. Without a
    picture's pairs the mean of all is that of the others, so that the jackknife holds for what is subtracted, too.
    """
    rows = np.flatnonzero(there)
    n, gram = len(rows), ways[rows] @ ways[rows].T
    kept = {kind: chosen[np.ix_(rows, rows)] for kind, chosen in among.items()}
    kept = {kind: chosen for kind, chosen in kept.items() if _enough(chosen)}
    if not kept:
        return {}
    sums, counts = gram.sum(1), {kind: chosen.sum(1) for kind, chosen in kept.items()}
    weights = {kind: chosen.astype(np.float64) for kind, chosen in kept.items()}
    whole = _centred(gram, sums / n, sums.sum() / n**2)
    found = {kind: float(np.vdot(whole, weight) / counts[kind].sum()) for kind, weight in weights.items()}
    without = {kind: np.full(len(there), value) for kind, value in found.items()}
    for i in range(n):
        tick(i, n, NOTE)
        others = (sums - gram[i]) / (n - 1)
        left = _centred(gram, others, (sums.sum() - 2 * sums[i] + gram[i, i]) / (n - 1) ** 2)
        left[i] = left[:, i] = 0.0
        for kind, weight in weights.items():
            if counts[kind][i]:
                without[kind][rows[i]] = np.vdot(left, weight) / (counts[kind].sum() - 2 * counts[kind][i])
    paired = {kind: np.zeros(len(there), bool) for kind in kept}
    for kind, count in counts.items():
        paired[kind][rows] = count > 0
    return {kind: OverPairs(value, without[kind], paired[kind]) for kind, value in found.items()}


def _enough(chosen: Array) -> bool:
    """Return whether pairs are left whichever picture is left out, as `core.stats.over_pairs` asks."""
    counts = chosen.sum(1)
    return bool((counts > 0).sum() > 2 and (counts.sum() > 2 * counts).all())


def _centred(gram: Array, means: Array, mean: float) -> Array:
    """Return the squared cosines of vectors less another one, of their products and those with it (N,) and of it."""
    inner = gram - means[:, None] - means + mean
    size = inner.diagonal().clip(TINY**2)
    inner *= inner
    inner /= size[:, None]
    inner /= size
    return inner
