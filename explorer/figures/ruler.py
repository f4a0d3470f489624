"""One picture on a ruler from nothing to twice the budget: proved, broken, and what nobody knows between."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from explorer.core.results import Bracket, Proofs
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.headings import dyed, key, note
from explorer.figures.methods import BROKEN, Known, Method, known, seconds, undecided
from explorer.figures.setting import Setting
from explorer.figures.style import SIGNS, palette, plain

ROW = 34  # px
NAMES = 0.19  # of the width, for the methods' names
TIMES = 1.22  # of the ruler: as far as the axis goes, with room for times
ENDS = ((NAMES, 0.587), (0.603, 1.0))
LEAST = 0.001  # of the unit: what is less is called so
GAP = "rgba(128,128,128,0.55)"


def ruler(
    proofs: Proofs, setting: Setting, methods: Mapping[str, Method], chosen: str, *, dark: bool = False
) -> go.Figure:
    """Draw for each model how far the picture is proved safe by each method, and where it is broken.

    chosen : the method whose name is set off. A click on a row gives the method's name as customdata.
    """
    names = [name for name in methods if any(name in some for some in proofs.models.values())]
    height, y = rows(key=24, head=44, rulers=ROW * len(names) + 8, ticks=50)
    parts = [key(_words(proofs, dark), y["key"], dark)]
    for i, some in enumerate(proofs.models.values()):
        what = known(some, methods, proofs.top)
        parts += [_head(what, setting, methods, i, y["head"], dark), _axes(proofs, setting, names, i, y["rulers"])]
        parts.append(_zones(what, proofs, setting, names, i, dark))
        parts.append(_rows(some, setting, methods, names, i, proofs.top, dark))
    parts.append(_names(names, methods, chosen, dark))
    return compose(parts, height=height, steps=(), y=y, dark=dark).update_layout(barmode="overlay")


def _words(proofs: Proofs, dark: bool) -> list[str]:
    colours = palette(dark)
    both = "".join(dyed("■", colour) for colour in colours.models[: len(proofs.models)])
    words = [f"{both} proved", "▨ only probable", f"{dyed('✕', colours.adversarial)} broken by an attack"]
    words += [f"{dyed('▒', colours.soft)} nobody knows", f"{dyed('■', 'rgba(209,52,31,0.3)')} broken from here on"]
    return [*words, "╌╌ budget", "right: seconds"]


def _head(
    what: Known, setting: Setting, methods: Mapping[str, Method], i: int, y: tuple[float, float], dark: bool
) -> Part:
    colours = palette(dark)
    name = dyed(f"<b>{SIGNS[i]} {'AB'[i]} · {plain(setting.names[i])}</b>", colours.models[i])
    text = f"{name}<br>{verdict(what, setting)}"
    return Part(notes=[note(text, ENDS[i][0], y) | {"font": {"size": 14, "color": colours.ink}}])


def verdict(what: Known, setting: Setting) -> str:
    """Return in few words what is known of a picture on one model."""
    if not what.right:
        return "wrong by itself: there is nothing to prove"
    proved = f"proved to {_short(what.low, setting)}" if what.by else "nothing is proved"
    broken = f"broken at {_short(what.high, setting)}" if what.broken else "not broken"
    if what.settled and what.by:
        return f"settled: {proved}, {broken}"
    return f"{proved}, {broken}"


def _short(value: float, setting: Setting) -> str:
    return f"{value * setting.unit:.3g}/{setting.unit}"


def _axes(proofs: Proofs, setting: Setting, names: Sequence[str], i: int, y: tuple[float, float]) -> Part:
    k, far = i + 1, proofs.top * setting.unit
    across: Dict = {"domain": ENDS[i], "anchor": f"y{k}", "range": [0, TIMES * far], "fixedrange": True}
    across |= {"title": {"text": f"distance in {setting.symbol}, in 1/{setting.unit}"}, "showgrid": False}
    across |= {"tickvals": [far * part / 4 for part in range(5)], "tickformat": ",.4~r", "zeroline": True}
    up: Dict = {"domain": y, "anchor": f"x{k}", "range": [len(names) - 0.4, -0.6], "fixedrange": True}
    return Part(axes={f"xaxis{k}": across, f"yaxis{k}": up | {"showticklabels": False, "showgrid": False}})


def _zones(what: Known, proofs: Proofs, setting: Setting, names: Sequence[str], i: int, dark: bool) -> Part:
    """Return what is not known, hatched, what is broken, tinted, and the budget."""
    far, colours, part = proofs.top * setting.unit, palette(dark), Part()
    low, high = what.low * setting.unit, min(what.high * setting.unit, far)
    k, whole = i + 1, {"y0": -0.6, "y1": len(names) - 0.4}
    if what.right and high > low:
        gap: Dict = {"type": "bar", "orientation": "h", "xaxis": f"x{k}", "yaxis": f"y{k}", "base": [low]}
        gap |= {"x": [high - low], "y": [len(names) / 2 - 0.5], "width": [len(names) + 0.2], "hoverinfo": "skip"}
        pattern = {"shape": "/", "fgcolor": GAP, "bgcolor": "rgba(0,0,0,0)", "size": 9, "solidity": 0.16}
        part.fixed.append(gap | {"marker": {"color": "rgba(0,0,0,0)", "pattern": pattern}})
    place: Dict = {"xref": f"x{k}", "yref": f"y{k}", **whole, "layer": "below"}
    if high < far:
        tint = {"type": "rect", "x0": high, "x1": far, "fillcolor": colours.adversarial, "opacity": 0.13}
        part.shapes.append(place | tint | {"line": {"width": 0}})
    eps = setting.budget * setting.unit
    line = {"type": "line", "x0": eps, "x1": eps, "line": {"color": colours.budget, "width": 1.5, "dash": "dash"}}
    part.shapes.append(place | line | {"layer": "above"})
    edge = {"type": "line", "x0": far, "x1": far, "line": {"color": colours.line, "width": 1}}
    part.shapes.append(place | edge)
    return part


def _rows(
    some: Mapping[str, Bracket],
    setting: Setting,
    methods: Mapping[str, Method],
    names: Sequence[str],
    i: int,
    top: float,
    dark: bool,
) -> Part:
    colours, k, far = palette(dark), i + 1, top * setting.unit
    on: Dict = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    part, pointed = Part(), []
    strongest = max((float(b.low[0]) for n, b in some.items() if methods[n].proves), default=0.0)
    for row, name in enumerate(names):
        bracket, method = some.get(name), methods[name]
        if bracket is None:
            part.notes.append(_text("…", 0.01 * far, row, k, colours.soft))
            continue
        pointed.append((row, name, told(bracket, method, setting, top)))
        if bracket.sentence and not bracket.low[0]:
            part.notes.append(_text("not here", 0.01 * far, row, k, colours.soft))
            continue
        part.notes.append(_text(seconds(bracket.seconds), TIMES * far, row, k, colours.soft, "right"))
        if name == BROKEN:
            part.fixed.append(_cross(bracket, row, far, setting, dark) | on)
            continue
        value = float(bracket.low[0]) * setting.unit
        bar: Dict = {"type": "bar", "orientation": "h", "x": [value], "y": [row], "width": [0.62], "hoverinfo": "skip"}
        look: Dict = {"color": colours.models[i], "opacity": 1.0 if bracket.low[0] >= strongest else 0.6}
        if method.says == "probable":
            look = {"color": "rgba(0,0,0,0)", "line": {"color": colours.models[i], "width": 1.5}}
            look |= {"pattern": {"shape": "x", "fgcolor": colours.models[i], "bgcolor": "rgba(0,0,0,0)", "size": 7}}
        part.fixed.append(bar | on | {"marker": look})
        if method.says == "exact" and bracket.high[0] <= top:
            part.fixed.append(_cross(bracket, row, far, setting, dark) | on | {"mode": "markers"})
        room = 0.035 if bracket.high[0] <= top else 0.012  # behind a cross
        part.notes.append(_text(_value(bracket, setting, top), value + room * far, row, k, colours.ink))
    part.fixed.append(_pointed(pointed, far) | on)
    return part


def _value(bracket: Bracket, setting: Setting, top: float) -> str:
    value = float(bracket.low[0])
    if 0 < value * setting.unit < LEAST:
        return f"<{LEAST:g}"
    return f"≥ {value * setting.unit:.3g}" if value >= top * 0.999 else f"{value * setting.unit:.3g}"


def told(bracket: Bracket, method: Method, setting: Setting, top: float) -> str:
    """Return what pointing at a method's row tells."""
    head = f"<b>{plain(method.title)}</b><br>"
    if bracket.sentence and not bracket.low[0]:
        words = plain(bracket.sentence).split()
        lines = [" ".join(words[at : at + 9]) for at in range(0, len(words), 9)]
        return head + "<br>".join(lines)
    if method.name == BROKEN:
        far = float(bracket.high[0])
        found = f"smallest change found: {_short(far, setting)}" if far < float("inf") else "no change found"
        return f"{head}{found}<br>{seconds(bracket.seconds)}"
    if method.says == "exact" and bracket.high[0] < float("inf"):
        ends = f"proved {_short(float(bracket.low[0]), setting)}, broken {_short(float(bracket.high[0]), setting)}"
        return f"{head}{ends}<br>{seconds(bracket.seconds)}"
    word = {"proved": "proved", "exact": "exactly", "probable": "probably, of the smoothed model"}[method.says]
    word = "time ran out; proved" if undecided(method, bracket, top).any() else word
    least = "at least " if bracket.low[0] >= top * 0.999 else ""
    return f"{head}{word}: {least}{_short(float(bracket.low[0]), setting)}<br>{seconds(bracket.seconds)}"


def _cross(bracket: Bracket, row: int, far: float, setting: Setting, dark: bool) -> Dict:
    colours, at = palette(dark), float(bracket.high[0]) * setting.unit
    mark: Dict = {"type": "scatter", "mode": "markers+text", "y": [row], "hoverinfo": "skip", "cliponaxis": False}
    mark |= {"textposition": "middle right" if at < 0.85 * far else "middle left"}
    if at > far:
        return mark | {"x": [far], "text": ["none this near"], "marker": {"opacity": 0}, "textposition": "middle left"}
    cross = {"symbol": "x", "size": 12, "color": colours.adversarial, "line": {"color": colours.page, "width": 1}}
    return mark | {"x": [at], "text": [f"{at:.3g}"], "marker": cross}


def _pointed(rows_: Sequence[tuple[int, str, str]], far: float) -> Dict:
    """Return what makes whole rows tell and be clicked: unseen marks along each."""
    places = [(far * (at + 0.5) / 12, row, name, text) for row, name, text in rows_ for at in range(13)]
    x, y, names, texts = (list(column) for column in zip(*places, strict=True)) if places else ([], [], [], [])
    mark = {"size": 24, "symbol": "square", "opacity": 0}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "customdata": names, "text": texts} | {
        "marker": mark,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _names(names: Sequence[str], methods: Mapping[str, Method], chosen: str, dark: bool) -> Part:
    colours, part = palette(dark), Part()
    for row, name in enumerate(names):
        title = plain(methods[name].title)
        text = f"<b>{title}</b>" if name == chosen else title
        place = {"xref": "paper", "yref": "y1", "x": 0, "y": row, "xanchor": "left", "yanchor": "middle"}
        font = {"size": 13, "color": colours.ink}
        part.notes.append(place | {"text": text, "showarrow": False, "borderpad": 0, "font": font, "align": "left"})
    return part


def _text(text: str, x: float, row: int, k: int, colour: str, side: str = "left") -> Dict:
    place = {"xref": f"x{k}", "yref": f"y{k}", "x": x, "y": row, "xanchor": side, "yanchor": "middle"}
    return place | {"text": text, "showarrow": False, "borderpad": 0, "font": {"size": 12, "color": colour}}
