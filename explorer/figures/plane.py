"""The Attack page's figure for points of the plane: both models' regions, the point, its path, the budget."""

import plotly.graph_objects as go

from explorer.core.results import Array, AttackView
from explorer.figures.budget import outline
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import heads, jumps, margin_key, plane_key
from explorer.figures.margins import rail
from explorer.figures.regions import regions
from explorer.figures.replay import course, steps_of
from explorer.figures.setting import Setting
from explorer.figures.sides import Side, sides
from explorer.figures.style import LEFT, RIGHT, SYMBOLS, palette

TICKS = 0.035  # share of the width for an axis' numbers
WHOLE = [-0.01, 1.01]


def plane(
    view: AttackView,
    setting: Setting,
    *,
    points: tuple[Array, Array],
    transfer: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw all of [0, 1]² as model A (left) and model B (right) see it, and the attack in it.

    Regions are coloured by class, stronger where the model is surer; the budget is dashed and cut by the
    box. Below, the margins over the steps. Buttons and slider move the point along its path.

    points : (N, 2) and their classes (N,): the data set
    transfer : show on each plane the point made on the other model; the way to it is left out

    Raises `ValueError` for a view of pictures.
    """
    if view.plane_a is None or view.plane_b is None:
        raise ValueError("this view has no planes: draw it by `replay`")
    two = sides(view, setting, transfer)
    steps, count = steps_of(two)
    height, y = rows(
        head=48, key=26, planes=424, ticks=34, buttons=38, margin_key=22, slider=22 if steps else 1, air=16, margin=130,
        steps=22,
    )  # fmt: skip
    parts = [
        heads(two, setting, y["head"], transfer, dark),
        plane_key(setting, y["key"], dark),
        regions(view.plane_a, setting, 1, dark),
        regions(view.plane_b, setting, 2, dark),
        _attack(two[0], setting, points, 0, y["planes"], dark),
        _attack(two[1], setting, points, 1, y["planes"], dark),
        margin_key(two[0], y["margin_key"], steps, count, dark),
        course(view, setting, two, steps, transfer, y["margin"], 3, dark),
    ]
    return compose(
        parts,
        height=height,
        steps=steps,
        jumps=jumps(two),
        views=_views(two[0], setting),
        rail=rail(steps),
        y=y,
        dark=dark,
    )


def _attack(
    side: Side, setting: Setting, points: tuple[Array, Array], i: int, y: tuple[float, float], dark: bool
) -> Part:
    """Return one plane's axes, data, budget and path."""
    colours, half, k = palette(dark), (LEFT, RIGHT)[i], i + 1
    told = {"hovertemplate": f"%{{text}}: (%{{x:.3f}}, %{{y:.3f}})<extra>{side.letter}</extra>"}
    start = {"size": 13, "color": colours.page, "line": {"color": colours.ink, "width": 2.5}}
    star = {"size": 15, "color": colours.adversarial, "symbol": "star", "line": {"color": colours.page, "width": 1}}
    red = {"line": {"color": colours.adversarial, "width": 2}, "marker": {"size": 4, "color": colours.adversarial}}
    where = {"type": "scatter", "xaxis": f"x{k}", "yaxis": f"y{k}"}
    fixed = [*dots(points, setting, dark), _budget(side, setting, dark)]
    fixed.append(_point(side.clean.x, "clean") | {"marker": start} | told)
    moving = [{"mode": "lines+markers", **red, **told}, {"mode": "markers", "marker": star, **told}]

    def at(step: int | None) -> list[Dict]:
        way = side.path if step is None else side.path[: step + 1]
        u, v = ([round(float(moment.x[j]), 5) for moment in way] for j in (0, 1))
        line = {"type": "scatter", "x": u, "y": v, "text": [f"step {t}" for t in range(len(way))]}
        return [line, {"type": "scatter", **_point(side.at(step).x, "under attack")}]

    axis = {"range": WHOLE, "nticks": 5, "showgrid": False, "showline": True, "mirror": True, "constrain": "domain"}
    across = {"domain": [half[0] + TICKS, half[1]], "anchor": f"y{k}", "constraintoward": "left"}
    up = {"domain": y, "anchor": f"x{k}", "scaleanchor": f"x{k}", "constraintoward": "top"}
    axes = {f"xaxis{k}": axis | across, f"yaxis{k}": axis | up}
    return Part([where | trace for trace in fixed], [where | trace for trace in moving], at, axes=axes)


def dots(points: tuple[Array, Array], setting: Setting, dark: bool) -> list[Dict]:
    """Return the data set, a colour and a symbol for each class."""
    colours, (x, y), traces = palette(dark), points, []
    for c in range(len(setting.classes)):
        u, v = x[y == c].astype("float32").T
        dot = {"size": 5, "symbol": SYMBOLS[c % 10], "color": colours.classes[c % 10]}
        dot |= {"line": {"color": colours.page, "width": 0.7}}
        traces.append({"mode": "markers", "x": u, "y": v, "marker": dot, "hoverinfo": "skip"})
    return traces


def _budget(side: Side, setting: Setting, dark: bool) -> Dict:
    u, v = outline(side.clean.x, setting.norm, setting.budget).T
    line = {"color": palette(dark).budget, "width": 2, "dash": "dash"}
    return {"mode": "lines", "x": u, "y": v, "line": line, "name": "budget", "hoverinfo": "skip"}


def _point(x: Array, name: str) -> Dict:
    return {"x": [float(x[0])], "y": [float(x[1])], "text": [name], "mode": "markers"}


def _views(side: Side, setting: Setting) -> list[tuple[str, Dict]]:
    """Return the buttons that show the whole plane, or the budget's surroundings, on both sides."""
    reach = 1.5 * max(setting.budget, 0.005)
    near = [[float(c) - reach, float(c) + reach] for c in side.clean.x]
    return [
        (name, {f"{axis}axis{k}.range": span[j] for k in ("", "2") for j, axis in enumerate("xy")})
        for name, span in (("Whole plane", [WHOLE, WHOLE]), ("Close-up", near))
    ]
