"""What an attack does in a feature space: how far every picture moves, and whose neighbours it then has."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Embedding, Space
from explorer.core.stats import Mean, Median
from explorer.figures.embedded import halves
from explorer.figures.frames import Dict
from explorer.figures.lineup import PATTERNS, Mark, framed, lineup
from explorer.figures.outlook import Outlook
from explorer.figures.style import palette

HEIGHT, SPLIT = 420, (0.52, 0.6)  # px; where the left panel ends and the right one begins
SHARES = ("same label,<br>clean", "same label,<br>attacked", "same {thing}s,<br>attacked")


def embedding_numbers(found: Embedding, outlook: Outlook, *, dark: bool = False) -> go.Figure:
    """Draw the share of pictures that move at most so far, and the means of neighbours' shares, with intervals."""
    traces: list[Dict] = []
    marks = lineup(list(outlook.setting.names), dark)
    for i, (mark, (_, half)) in enumerate(zip(marks, halves(found, outlook), strict=True)):
        if isinstance(half.space, Space):
            traces += [*_moved(mark, half.space, outlook), _shares(i, mark, half.space, outlook, dark)]
    spaces = [half.space for _, half in halves(found, outlook) if isinstance(half.space, Space)]
    k = spaces[0].neighbours if spaces else 0
    axes = {
        "xaxis": _axis("moved, in mean distances between two classes", [0, SPLIT[0]]) | {"rangemode": "tozero"},
        "yaxis": _axis(f"{outlook.thing}s that move at most so far") | {"tickformat": ".0%", "range": [-0.02, 1.02]},
        "xaxis2": _axis("", [SPLIT[1], 1]) | {"anchor": "y2", "type": "category", "showgrid": False},
        "yaxis2": _axis(f"of the {k} nearest clean {outlook.thing}s")
        | {"anchor": "x2", "tickformat": ".0%", "range": [0, 1.02]},
    }
    line = {"color": palette(dark).soft, "width": 1, "dash": "dot"}
    one = {"type": "line", "xref": "x", "yref": "y domain", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "line": line}
    reached = any(float(space.ratio.max()) > 0.7 for space in spaces)
    layout = framed(dark, HEIGHT) | axes | {"shapes": [one] if reached else [], "barmode": "group"}
    return go.Figure(data=traces, layout=layout)


def _moved(mark: Mark, space: Space, outlook: Outlook) -> list[Dict]:
    """Return a model's distribution of lengths as a rising line, and its median with interval upon it."""
    ratio, label = np.sort(space.ratio), mark.entry
    share = np.arange(1, len(ratio) + 1, dtype=np.float32) / len(ratio)
    middle = Median.of(ratio)
    low, high = (abs(bound - middle.value) for bound in middle.interval)
    error = {"type": "data", "symmetric": False, "array": [high], "arrayminus": [low], "color": mark.colour}
    return [
        {"type": "scatter", "mode": "lines", "x": ratio, "y": share, "name": label, "legendgroup": label}
        | {"line": {"color": mark.colour, "width": 2, "shape": "hv"}, "showlegend": False}
        | {"hovertemplate": f"%{{y:.0%}} of the {outlook.thing}s move at most %{{x:.3g}}<extra>{label}</extra>"},
        {"type": "scatter", "mode": "markers", "x": [middle.value], "y": [0.5], "legendgroup": label}
        | {"marker": {"color": mark.colour, "symbol": mark.symbol, "size": 11}, "name": label}
        | {"error_x": error | {"thickness": 2, "width": 5}}
        | {"hovertemplate": f"median {middle}<extra>{label}</extra>"},
    ]


def _shares(i: int, mark: Mark, space: Space, outlook: Outlook, dark: bool) -> Dict:
    """Return a model's bars: the mean shares of its pictures' neighbours, each with its interval."""
    means, label = [Mean.of_shares(values) for values in (space.agree, space.agree_adv, space.kept)], mark.entry
    low, high = ([abs(mean.interval[j] - mean.value) for mean in means] for j in (0, 1))
    error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": palette(dark).ink}
    shares = [words.format(thing=outlook.thing) for words in SHARES]
    return {
        "type": "bar", "x": shares, "y": [mean.value for mean in means], "xaxis": "x2", "yaxis": "y2",
        "name": label, "legendgroup": label, "showlegend": False, "offsetgroup": str(i),
        "marker": {"color": mark.colour, "pattern": {"shape": PATTERNS[i % 6]}},
        "error_y": error | {"thickness": 1.2, "width": 3}, "customdata": [mean.share for mean in means],
        "hovertemplate": f"%{{x}}: %{{customdata}}<extra>{label}</extra>",
    }  # fmt: skip


def _axis(title: str, domain: list[float] | None = None) -> Dict:
    place = {"domain": domain} if domain else {}
    return {"title": {"text": title}, "fixedrange": True} | place
