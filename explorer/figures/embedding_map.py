"""A map of each model's feature space: clean pictures filled, attacked ones open, and one picture's way through it."""

from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from explorer.core.digest import of_arrays
from explorer.core.results import Array, Embedded, Embedding, Placed, Refused, Space, Steps
from explorer.core.words import number
from explorer.figures.contact import sheet
from explorer.figures.embedded import dimensions, halves
from explorer.figures.frames import Dict
from explorer.figures.outlook import Outlook
from explorer.figures.sheet import FOR_AGAINST
from explorer.figures.style import LEFT, RIGHT, SIGNS, SYMBOLS, palette, plain, template

HEIGHT, ABOVE, BELOW = 690, 52, 178  # px: of the figure, of its headings, of what is below the maps
ROOM = (-116.0, -22.0)  # px from the maps' foot: where the picture that is pointed at is shown
TITLE = 0.026  # share of the width for the title of an axis that goes up
SOME = 30  # pictures whose way is drawn, where not all are
MOMENTS = ("clean", "attacked")
HINT = "Point at a {thing}, or use the arrow keys: it is ringed in both maps,<br>clean and attacked, and shown here."
ANSWERS, RIGHT_OR_WRONG = ("right", "wrong"), ("circle", "x")


def embedding_map(found: Embedding, outlook: Outlook, x: Array | None = None, *, dark: bool = False) -> go.Figure:
    """Draw model A's map left and model B's right, each in its own space and on its own axes.

    A click on a picture, or a lasso around some, gives (model's place, picture, 0 clean or 1 attacked) as customdata.
    Pointing at one rings it in both maps, and shows it and what is said of it below them.

    x : (N, ...) float32, the pictures; without them what is pointed at is told, and not shown
    """
    colours = palette(dark)
    traces: list[Dict] = []
    notes: list[Dict] = []
    axes: Dict = {}
    for i, (name, half) in enumerate(halves(found, outlook)):
        title = f'<span style="color:{colours.models[i]}"><b>{SIGNS[i]} {"AB"[i]} · {plain(name)}</b></span>'
        title += f'<span style="color:{colours.soft}">   filled: clean, open: attacked</span>'
        notes.append(_note(f"{title}<br>{_what(found, half, outlook)}", (LEFT, RIGHT)[i][0], 1.0) | {"yshift": ABOVE})
        axes |= _axes(i, _state(half))
        notes += _titles(found, half, i, dark)
        if isinstance(half.space, Refused) or half.placed is None:
            sentence = half.space.sentence if isinstance(half.space, Refused) else "There is no map yet."
            notes.append(_note("<br>".join(map(plain, wrap(sentence, 44))), (LEFT, RIGHT)[i][0], 0.6))
            continue
        alone = outlook.index if isinstance(half.steps, Steps) else -1  # the picture whose own way is drawn
        own = [_lines(half.placed, alone, outlook, dark)] if outlook.show["lines"] != "none" else []
        own += _points(half.space, half.placed, alone, outlook, i, dark)
        own += _way(half.steps, outlook, dark) if isinstance(half.steps, Steps) else []
        traces += [trace | {"type": "scatter", "xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}"} for trace in own]
    notes.append(_note(HINT.format(thing=outlook.thing), LEFT[0] + TITLE, 0.0) | _hint(dark))
    if outlook.show["colour"] == "margin":
        traces = [*_keys(dark), *traces]
    shown = _once(traces)
    layout: Dict = {
        "template": template(dark),
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": ABOVE + 6, "b": BELOW},
        "showlegend": True,
        "legend": {
            "orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "font": {"size": 12},
            "itemsizing": "constant", "tracegroupgap": 0,
        },
        "annotations": notes,
        "coloraxis": _scale(dark) if outlook.show["colour"] == "margin" else {},
        "meta": _meta(outlook, x),
    }  # fmt: skip
    return go.Figure(data=shown, layout=layout | axes)


def _meta(outlook: Outlook, x: Array | None) -> Dict:
    """Return what ringed.js tells and shows a picture by."""
    plot = HEIGHT - ABOVE - 6 - BELOW
    names = [f"{SIGNS[i]} {'AB'[i]} · {name}" for i, name in enumerate(outlook.setting.names)]
    about = {"room": [end / plot for end in ROOM], "names": names, "thing": outlook.thing}
    return about | (sheet(x) if x is not None else {})


def _hint(dark: bool) -> Dict:
    """Return where and how the hint stands that what is pointed at takes the place of."""
    soft = {"font": {"size": 12, "color": palette(dark).soft}}
    return {"yanchor": "middle", "yshift": sum(ROOM) / 2} | soft


def _state(half: Embedded) -> str:
    """Return a name of where everything lies in a map: as long as it stays, a person's zoom does."""
    return of_arrays({"xy": half.placed.xy, "xy_adv": half.placed.xy_adv}) if half.placed is not None else ""


def _what(found: Embedding, half: Embedded, outlook: Outlook) -> str:
    """Return what a map is of, and how it was made."""
    if isinstance(half.space, Refused):
        return ""
    size = dimensions(half.space, outlook)
    return f"UMAP of {size}, {outlook.tuned}" if found.projection == "umap" else f"PCA of {size}"


def _points(space: Space, placed: Placed, alone: int, outlook: Outlook, i: int, dark: bool) -> list[Dict]:
    """Return the pictures, clean then attacked, a trace for each symbol: its class, or whether the answer is right.

    alone : the picture that is drawn clean only, -1 for none
    """
    colours, by, traces = palette(dark), outlook.show["colour"], []
    margins = by == "margin"
    left_out = np.arange(len(space.labels)) == alone
    moments = ((space.said, space.margin, placed.xy, 0), (space.said_adv, space.margin_adv, placed.xy_adv, 1))
    for said, margin, xy, when in moments:
        group = (said != space.labels).astype(int) if margins else space.labels if by == "class" else said
        for g in np.unique(group):
            rows = np.flatnonzero((group == g) & ~(left_out & bool(when)))
            if not len(rows):
                continue
            symbol = RIGHT_OR_WRONG[g] if margins else SYMBOLS[g % 10]
            name = ANSWERS[g] if margins else plain(outlook.setting.classes[g])
            dot: Dict = {"symbol": f"{symbol}-open" if when else symbol, "size": 7 if when else 6, "opacity": 0.85}
            dot |= {"color": margin[rows], "coloraxis": "coloraxis"} if margins else {"color": colours.classes[g % 10]}
            dot["line"] = {"width": 1.4} if when else {"width": 0.5, "color": colours.page}
            if margins and when:
                dot["line"] |= {"width": 2}
            traces.append(
                {"mode": "markers", "x": xy[rows, 0], "y": xy[rows, 1], "marker": dot, "name": name}
                | {"legendgroup": name, "legendrank": 1000 + int(g), "customdata": [[i, int(r), when] for r in rows]}
                | {"text": [_said(space, said, margin, int(r), outlook) for r in rows]}
                | {"hovertemplate": f"{outlook.thing} %{{customdata[1]}}, {MOMENTS[when]}<br>%{{text}}<extra></extra>"}
                | {"meta": "ringed"}
            )
    return traces


def _keys(dark: bool) -> list[Dict]:
    """Return legend entries of the symbols where colour is on a scale of its own."""
    return [
        {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name, "legendgroup": name}
        | {"marker": {"symbol": symbol, "color": palette(dark).ink, "size": 7}, "hoverinfo": "skip"}
        for name, symbol in zip(ANSWERS, RIGHT_OR_WRONG, strict=True)
    ]


def _said(space: Space, said: Array, margin: Array, row: int, outlook: Outlook) -> str:
    true, answer = (plain(outlook.setting.classes[c]) for c in (space.labels[row], said[row]))
    return f"{true}, called {answer}, margin {number(float(margin[row]))}"


def _lines(placed: Placed, alone: int, outlook: Outlook, dark: bool) -> Dict:
    """Return thin lines from clean to attacked, of the first pictures or of all, but of the one drawn alone."""
    rows = [r for r in range(len(placed.xy)) if r != alone][: None if outlook.show["lines"] == "all" else SOME]
    gaps = np.full((len(rows), 2), np.nan, np.float32)
    ends = np.stack([placed.xy[rows], placed.xy_adv[rows], gaps], 1).reshape(-1, 2)
    few = len(rows) <= SOME
    line = {"color": palette(dark).soft, "width": 0.7 if few else 0.5}
    trace = {"mode": "lines", "x": ends[:, 0], "y": ends[:, 1], "line": line, "opacity": 0.6 if few else 0.35}
    return trace | {"hoverinfo": "skip", "showlegend": False}


def _way(steps: Steps, outlook: Outlook, dark: bool) -> list[Dict]:
    """Return the chosen picture's way: a line of its steps, a ring where it is clean, a star where it ends."""
    colours, classes = palette(dark), outlook.setting.classes
    text = [f"step {t}: {plain(classes[said])}" for t, said in zip(steps.step, steps.said, strict=True)]
    text[0], text[-1] = f"clean: {plain(classes[steps.said[0]])}", f"the end: {plain(classes[steps.said[-1]])}"
    name = f"the attack on {outlook.picture}, step by step"
    told = {"hovertemplate": f"{outlook.picture}, %{{text}}<extra></extra>", "legendgroup": "way", "name": name}
    ring = {"size": 13, "color": colours.page, "line": {"color": colours.ink, "width": 2.5}}
    star = {"size": 15, "color": colours.adversarial, "symbol": "star", "line": {"color": colours.page, "width": 1}}
    x, y = steps.xy.T
    return [
        {"mode": "lines+markers", "x": x, "y": y, "text": text, "line": {"color": colours.adversarial, "width": 2}}
        | {"marker": {"size": 4, "color": colours.adversarial}, "legendrank": 2000, **told},
        {"mode": "markers", "x": x[:1], "y": y[:1], "text": text[:1], "marker": ring, "showlegend": False, **told},
        {"mode": "markers", "x": x[-1:], "y": y[-1:], "text": text[-1:], "marker": star, "showlegend": False, **told},
    ]


def _axes(i: int, state: str) -> Dict:
    """Return a panel's axes: one unit is as long across as up; no numbers, as each map has units of its own."""
    k, (left, right) = i + 1, (LEFT, RIGHT)[i]
    frame: Dict = {"showline": True, "mirror": True, "nticks": 5, "showticklabels": False, "ticks": ""}
    frame |= {"uirevision": state}
    across = frame | {"domain": [left + TITLE, right], "anchor": f"y{k}"}
    return {f"xaxis{k}": across, f"yaxis{k}": frame | {"anchor": f"x{k}", "scaleanchor": f"x{k}", "domain": [0, 1]}}


def _titles(found: Embedding, half: Embedded, i: int, dark: bool) -> list[Dict]:
    """Return the titles of a panel's axes: those of UMAP have no unit, principal ones a share of the variance."""
    left, right = (LEFT, RIGHT)[i]
    across, up = "UMAP 1, no unit", "UMAP 2, no unit"
    if found.projection != "umap" and half.placed is not None:
        across, up = (
            f"principal axis {j + 1}: {share:.1%} of the variance" for j, share in enumerate(half.placed.explained)
        )
    soft = {"font": {"size": 12, "color": palette(dark).soft}}
    below = {"xanchor": "center", "yshift": -4}
    beside = {"xanchor": "right", "yanchor": "middle", "textangle": -90, "xshift": -2}
    middle = (left + TITLE + right) / 2
    return [_note(across, middle, 0.0) | soft | below, _note(up, left + TITLE, 0.5) | soft | beside]


def _once(traces: list[Dict]) -> list[Dict]:
    """Return traces of which each legend entry stands for its whole group, in both maps, clean and attacked."""
    seen: set[str] = set()
    for trace in traces:
        group = trace.get("legendgroup", "")
        trace.setdefault("showlegend", group not in seen)
        if trace["showlegend"]:
            seen.add(group)
    return traces


def _scale(dark: bool) -> Dict:
    """Return the colours of margins, from surely wrong to surely right."""
    bar = {"orientation": "h", "thickness": 10, "len": 0.4, "x": 1, "xanchor": "right", "y": 0, "yref": "container"}
    bar |= {"yanchor": "bottom", "nticks": 5}
    bar["title"] = {"text": "margin: p(true) − largest other p", "side": "top", "font": {"size": 12}}
    return {"colorscale": FOR_AGAINST[dark], "cmin": -1, "cmax": 1, "colorbar": bar}


def _note(text: str, x: float, y: float) -> Dict:
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": "left", "yanchor": "top"}
    return place | {"text": text, "align": "left", "showarrow": False, "borderpad": 0}
