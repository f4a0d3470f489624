"""The control: noise of the attack's length against the attack, as margins on one axis for both models."""

import plotly.graph_objects as go

from explorer.core.results import AttackView, Control
from explorer.core.words import number
from explorer.figures.boundary import room, zero
from explorer.figures.frames import Dict
from explorer.figures.images import pixels, sharp
from explorer.figures.setting import Setting
from explorer.figures.sides import Side, margin, sides
from explorer.figures.style import LEFT, MARKERS, RIGHT, SIGNS, palette, plain, template

HEIGHT, PICTURE, LABELS = 190, 0.13, 0.095  # px; shares of the figure's width
ROWS = ("under attack", "noise", "clean")
GOLDEN = 0.618  # multiples of it spread evenly in [0, 1): a jitter without chance


def crosscheck(view: AttackView, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw the margin of each noisy copy of the picture beside those before and under the attack.

    Left of 0 the attack's goal is reached. For pictures, one of the noisy copies is shown.
    """
    noises = (view.noise_a, view.noise_b)
    pairs = list(zip(sides(view, setting), noises, strict=True))
    spread = [[margin(z, side.goal, side.targeted) for z in noise.logits] for side, noise in pairs]
    seen = [
        value
        for (side, _), found in zip(pairs, spread, strict=True)
        for value in (side.clean.margin, side.end.margin, *found)
    ]
    layout: Dict = {"template": template(dark), "height": HEIGHT, "images": [], "shapes": [], "annotations": []}
    data: list[Dict] = []
    for i, ((side, noise), found) in enumerate(zip(pairs, spread, strict=True)):
        half = (LEFT, RIGHT)[i]
        drawn = side.clean.x.ndim == 3
        if drawn:
            layout["images"].append(_picture(noise, half[0]))
        layout |= _axes(i, half[0] + LABELS + (PICTURE if drawn else 0), half[1] - 0.01, room(seen), dark)
        layout["shapes"].append(_left(i, room(seen)[0], dark))
        layout["annotations"].append(_name(side, i, half[0], dark))
        data += _marks(side, found, i, dark)
    return go.Figure(data=data, layout=layout)


def _marks(side: Side, found: list[float], i: int, dark: bool) -> list[Dict]:
    colours = palette(dark)
    where: Dict = {"type": "scatter", "mode": "markers", "xaxis": f"x{i + 1}", "yaxis": f"y{i + 1}"}
    jitter = [1 + 0.6 * (i * GOLDEN % 1 - 0.5) for i in range(len(found))]
    rows: tuple[tuple[list[float], list[float], str, int, float], ...] = (
        ([side.end.margin], [0], colours.adversarial, 13, 1.0),
        (found, jitter, colours.models[i], 6, 0.55),
        ([side.clean.margin], [2], colours.clean, 13, 1.0),
    )
    return [
        where
        | {"x": x, "y": y, "text": [f"{ROWS[row]}: margin {number(margin)}" for margin in x]}
        | {"hovertemplate": f"%{{text}}<extra>{side.letter}</extra>"}
        | {"marker": {"color": colour, "size": size, "opacity": opacity, "symbol": MARKERS[i], "line": {"width": 0}}}
        for row, (x, y, colour, size, opacity) in enumerate(rows)
    ]


def _axes(i: int, low: float, high: float, span: tuple[float, float], dark: bool) -> Dict:
    across: Dict = {"domain": [low, high], "anchor": f"y{i + 1}", "range": span, "fixedrange": True, "nticks": 6}
    across |= zero(dark) | {"title": {"text": "margin in logits"}}
    up: Dict = {"domain": [0.25, 0.86], "anchor": f"x{i + 1}", "range": [-0.6, 2.6], "fixedrange": True}
    up |= {"tickvals": [0, 1, 2], "ticktext": list(ROWS), "showgrid": False}
    return {f"xaxis{i + 1}": across, f"yaxis{i + 1}": up}


def _left(i: int, low: float, dark: bool) -> Dict:
    """Return the shade left of margin 0, where the goal is reached."""
    n = "" if i == 0 else i + 1  # plotly.js knows no "y1 domain"
    place = {"xref": f"x{n}", "yref": f"y{n} domain", "y0": 0, "y1": 1, "layer": "below"}
    shade = {"type": "rect", "x0": low, "x1": 0, "fillcolor": palette(dark).adversarial, "opacity": 0.1}
    return place | shade | {"line": {"width": 0}}


def _picture(noise: Control, x: float) -> Dict:
    where = {"xref": "paper", "yref": "paper", "x": x, "y": 0.86, "sizex": PICTURE, "sizey": 0.86}
    return where | {"source": sharp(pixels(noise.x)), "sizing": "contain", "xanchor": "left", "yanchor": "top"}


def _name(side: Side, i: int, x: float, dark: bool) -> Dict:
    text = f"<b>{SIGNS[i]} {side.letter} · {plain(side.name)}</b>"
    place = {"xref": "paper", "yref": "paper", "x": x, "y": 1, "xanchor": "left", "yanchor": "top"}
    return place | {"text": text, "showarrow": False, "font": {"color": palette(dark).models[i], "size": 14}}
