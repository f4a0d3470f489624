"""A logarithmic axis: what it holds, and few ticks on it."""

from collections.abc import Sequence

import numpy as np

from explorer.figures.frames import Dict

AIR, SHORT = 0.05, 0.3  # of the axis, free at both ends; powers of ten that it has at least
STEPS = ((2.2, (1,)), (1.2, (1, 3)), (0.0, (1, 2, 5)))  # the ticks of each power of ten, by how many there are


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and last power of ten of an axis that holds some values; 0 and infinity do not count."""
    powers = np.log10([value for value in values if 0 < value < np.inf] or [1.0, 10.0])
    low, high = float(powers.min()), float(powers.max())
    air = AIR * max(high - low, SHORT)
    return low - air, high + air


def axis(ends: tuple[float, float], title: str) -> Dict:
    """Return an axis from one power of ten to another, with ticks at 1, 10, 100, and between them where it is short."""
    steps = next(steps for least, steps in STEPS if ends[1] - ends[0] >= least)
    powers = range(int(np.floor(ends[0])), int(np.ceil(ends[1])) + 1)
    ticks = [s * 10.0**p for p in powers for s in steps]
    held = [t for t in ticks if ends[0] <= np.log10(t) <= ends[1]]
    named = {"tickvals": held, "ticktext": [f"{t:,.10g}" if t < 1e6 else f"{t:.0e}" for t in held]}
    return {"type": "log", "range": list(ends), "title": {"text": title}, "fixedrange": True} | named
