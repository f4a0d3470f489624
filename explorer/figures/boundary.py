"""What every plot of margins shares: the decision boundary, the shade below it, the models' letters."""

from collections.abc import Sequence

from explorer.figures.frames import Dict
from explorer.figures.style import SIGNS, palette


def room(values: Sequence[float], share: float = 0.08) -> tuple[float, float]:
    """Return the range of an axis that shows all values, and zero, with some room."""
    low, high = min(0.0, *values), max(0.0, *values)
    free = share * (high - low) or 1.0
    return low - free, high + free


def zero(dark: bool) -> Dict:
    """Return an axis' share: the decision boundary at zero, in place of a grid line."""
    return {"zeroline": True, "zerolinecolor": palette(dark).ink, "zerolinewidth": 1}


def below(k: int, low: float, dark: bool) -> Dict:
    """Return the shade below the boundary."""
    across = {"xref": f"x{k} domain", "yref": f"y{k}", "x0": 0, "x1": 1, "layer": "below"}
    shade = {"type": "rect", "y0": low, "y1": 0, "fillcolor": palette(dark).adversarial, "opacity": 0.1}
    return shade | {"line": {"width": 0}} | across


def letters(ends: Sequence[float], k: int, span: tuple[float, float], dark: bool) -> list[Dict]:
    """Return the models' letters right of their lines' ends, pushed apart where they would touch."""
    push = max(0.0, 10 - 75 * abs(ends[0] - ends[1]) / (span[1] - span[0]))
    above = 0 if ends[0] >= ends[1] else 1
    notes = []
    for i, letter in enumerate("AB"):
        place = {"xref": f"x{k} domain", "yref": f"y{k}", "x": 1.0, "y": ends[i], "xanchor": "left"}
        words = {"text": f"<b>{SIGNS[i]} {letter}</b>", "font": {"color": palette(dark).models[i], "size": 14}}
        notes.append(place | words | {"yshift": push if i == above else -push, "showarrow": False})
    return notes
