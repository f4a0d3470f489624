"""The votes of noisy copies of one picture, model A beside model B."""

import plotly.graph_objects as go

from explorer.core.results import Voted, Votes
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.setting import Setting, percent
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain

NAMES = 0.095  # of the width, for class names
ROW = 26  # px


def voted(view: Voted, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw which share of the noisy copies each class has, and what the first class's share is at least."""
    colours, count = palette(dark), len(setting.classes)
    height, y = rows(key=24, head=44, bars=max(ROW * count, 150), ticks=50)
    words = [
        "<b>Votes</b> of noisy copies",
        "╌╌ one half: a class with no more is not certain",
        "┃ at least so many, by",
    ]
    words[-1] += " the confidence stated"
    words += ["✓ true class"] if view.label >= 0 else []
    parts = [key(words, y["key"], dark)]
    for i, votes in enumerate(view.models.values()):
        name = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(setting.names[i])}, smoothed</b>", colours.models[i])
        text = f"{name}<br>{verdict(votes, setting)}"
        font = {"size": 14, "color": colours.ink}
        parts.append(Part(notes=[note(text, (LEFT, RIGHT)[i][0] + NAMES, y["head"]) | {"font": font}]))
        parts.append(_bars(votes, view.label, setting, i, y["bars"], dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def verdict(votes: Votes, setting: Setting) -> str:
    """Return in few words what a smoothed model says of its picture."""
    if votes.abstained[0]:
        return "abstains: no class has surely most votes"
    answer = plain(setting.classes[int(votes.top[0])])
    return f"{answer}, probably up to {votes.radius[0] * setting.unit:.3g}/{setting.unit} in ℓ2"


def _bars(votes: Votes, label: int, setting: Setting, i: int, y: tuple[float, float], dark: bool) -> Part:
    colours, k, half = palette(dark), i + 1, (LEFT, RIGHT)[i]
    counts, count = votes.counts[0], len(setting.classes)
    share, levels = counts / counts.sum(), list(range(count))
    names = [f"<b>✓ {plain(name)}</b>" if c == label else plain(name) for c, name in enumerate(setting.classes)]
    on: Dict = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    bar: Dict = {"type": "bar", "orientation": "h", "x": share, "y": levels, "width": 0.66, "customdata": counts}
    look = {"color": "rgba(0,0,0,0)", "line": {"color": colours.models[i], "width": 1.5}}
    look["pattern"] = {"shape": "x", "fgcolor": colours.models[i], "bgcolor": "rgba(0,0,0,0)", "size": 7}
    bar |= {"marker": look, "text": names, "textposition": "none"}
    bar |= {"hovertemplate": f"%{{text}}: %{{customdata}} of {counts.sum():,} votes<extra>{'AB'[i]}</extra>"}
    said: Dict = {"type": "scatter", "mode": "text", "x": share + 0.02, "y": levels}
    said |= {"text": [percent(float(p)) if n else "" for p, n in zip(share, counts, strict=True)]}
    said |= {"textposition": "middle right", "cliponaxis": False, "hoverinfo": "skip", "textfont": {"size": 12}}
    top, least = int(votes.top[0]), float(votes.share[0])
    edge: Dict = {"type": "line", "xref": f"x{k}", "yref": f"y{k}", "x0": least, "x1": least}
    edge |= {"y0": top - 0.48, "y1": top + 0.48, "line": {"color": colours.ink, "width": 3}}
    middle: Dict = {
        "type": "line",
        "xref": f"x{k}",
        "yref": f"y{k}",
        "x0": 0.5,
        "x1": 0.5,
        "y0": -0.6,
        "y1": count - 0.4,
    }
    middle |= {"line": {"color": colours.soft, "width": 1.5, "dash": "dash"}, "layer": "below"}
    across: Dict = {"domain": [half[0] + NAMES, half[1]], "anchor": f"y{k}", "range": [0, 1.14], "fixedrange": True}
    across |= {"tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "title": {"text": "share of the votes"}}
    up: Dict = {"domain": y, "anchor": f"x{k}", "range": [count - 0.4, -0.6], "tickvals": levels, "ticktext": names}
    up |= {"showgrid": False, "fixedrange": True}
    return Part([bar | on, said | on], axes={f"xaxis{k}": across, f"yaxis{k}": up}, shapes=[middle, edge])
