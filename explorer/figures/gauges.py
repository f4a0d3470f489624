"""A measure over many pictures, drawn: means with intervals, curves with bands, alignment against robust accuracy."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Measures
from explorer.core.stats import Mean
from explorer.figures.frames import Dict
from explorer.figures.gauged import mean_of, standing
from explorer.figures.lineup import Mark, framed, lineup
from explorer.figures.sight import Sight
from explorer.figures.style import palette, plain

HEIGHT, ROW, LINE, GAP = (
    400,
    46,
    22,
    0.1,
)  # px; px of a model, of a line of the legend; of the figure's width, between panels


def gauges(result: Measures, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw a measure of several models: against robust accuracy where that is there, else curves, else means."""
    if result.judged:
        return _against(result, sight, dark)
    return _curves(result, sight, dark) if result.curves else _means(result, dark)


def _against(result: Measures, sight: Sight, dark: bool) -> go.Figure:
    """Draw each model as a point: robust accuracy across, the measure up, both with their 95 % intervals."""
    traces: list[Dict] = []
    panels = _panels(len(result.values))
    for mark in _marks(result, dark):
        rate, (one, *_) = standing(result, mark.name), result.models[mark.name].values()
        if rate is None:
            continue
        for k, (name, words) in enumerate(result.values.items()):
            if (mean := mean_of(one.values[name])) is None:
                continue
            across, up = ([bound - of.value for bound in of.interval] for of in (rate, mean))
            traces.append(
                _trace(mark, k, mark.name)
                | {"mode": "markers", "x": [rate.value], "y": [mean.value]}
                | {"error_x": _error([across], mark.colour), "error_y": _error([up], mark.colour)}
                | {"hovertemplate": f"{words}: {_plain(mean)}<br>stand: {rate}<extra>{_label(mark)}</extra>"}
            )
    axes: Dict = {}
    for k, (words, panel) in enumerate(zip(result.values.values(), panels, strict=True), 1):
        title = f"pictures that stand, {sight.setting.allowed}"
        axes[f"xaxis{k}"] = _axis(title, panel, f"y{k}") | {"tickformat": ".0%", "range": [-0.03, 1.03]}
        axes[f"yaxis{k}"] = _axis(words, None, f"x{k}") | {"rangemode": "tozero"}
    return go.Figure(data=traces, layout=framed(dark, HEIGHT) | axes)


def _means(result: Measures, dark: bool) -> go.Figure:
    """Draw the mean of each value with its 95 % interval, and pale the middle 80 % of the pictures."""
    marks, traces = _marks(result, dark), list[Dict]()
    both = result.measure == "agreement"
    for i, mark in enumerate(marks):
        (one,) = result.models[mark.name].values()
        for k, (name, words) in enumerate(result.values.items()):
            values, mean = one.known(name), mean_of(one.values[name])
            if mean is None:
                continue
            low, high = np.percentile(values, [10, 90])
            colour = palette(dark).ink if both else mark.colour
            pale = {"color": colour, "width": 12}
            spread = {"mode": "lines", "x": [low, high], "y": [i, i], "line": pale, "opacity": 0.3, "showlegend": False}
            traces.append(_trace(mark, k, mark.name) | spread | {"hoverinfo": "skip"})
            told = f"{words}: {_plain(mean)}<br>of 10 pictures 8 from {low:.3g} to {high:.3g}"
            traces.append(
                _trace(mark, k, mark.name)
                | {"mode": "markers", "x": [mean.value], "y": [i], "showlegend": False}
                | {"marker": {"color": colour, "symbol": mark.symbol, "size": 10}}
                | {"error_x": _error([[bound - mean.value for bound in mean.interval]], colour)}
                | {"hovertemplate": f"{told}<extra></extra>"}
            )
    names = ["A and B"] if both else [_label(mark) for mark in marks]
    axes: Dict = {}
    for k, (words, panel) in enumerate(zip(result.values.values(), _panels(len(result.values)), strict=True), 1):
        axes[f"xaxis{k}"] = _axis(words, panel, f"y{k}") | ({} if both else {"rangemode": "tozero"})
        axes[f"yaxis{k}"] = {
            "anchor": f"x{k}",
            "range": [len(names) - 0.5, -0.5],
            "fixedrange": True,
            "showgrid": False,
        }
        axes[f"yaxis{k}"] |= {"tickvals": list(range(len(names))), "ticktext": names if k == 1 else [""] * len(names)}
    left = 24 + 7 * max(map(len, names))
    layout = framed(dark, 110 + ROW * len(names)) | axes | {"showlegend": False}
    return go.Figure(data=traces, layout=layout | {"margin": layout["margin"] | {"l": left}})


def _curves(result: Measures, sight: Sight, dark: bool) -> go.Figure:
    """Draw each curve's mean over the pictures with its 95 % band: a colour a model, a dash a method."""
    traces: list[Dict] = []
    some = next(iter(next(iter(result.known.values())).values()))
    several = any(len(methods) > 1 for methods in result.models.values())
    for mark in _marks(result, dark):
        for j, (method, one) in enumerate(result.models[mark.name].items()):
            label = f"{_label(mark)}, {sight.titles[method]}" if several else _label(mark)
            for k, (name, words) in enumerate(result.curves.items()):
                x, means, places = _along(one.values[name], one.places)
                y = [mean.value for mean in means]
                low, high = ([mean.interval[side] for mean in means] for side in (0, 1))
                traces.append(
                    _trace(mark, k, label)
                    | {"mode": "lines", "x": [*x, *reversed(x)], "y": [*high, *reversed(low)], "fill": "toself"}
                    | {"fillcolor": mark.colour, "opacity": 0.15, "line": {"width": 0}}
                    | {"hoverinfo": "skip", "showlegend": False}
                )
                told = f"{words} %{{y:.3f}}<br>%{{customdata[0]}}<br>95 % interval "
                told += "%{customdata[1]:.3f} to %{customdata[2]:.3f}"
                traces.append(
                    _trace(mark, k, label)
                    | {"mode": "lines+markers" if some.places else "lines", "x": x, "y": y}
                    | {"line": {"color": mark.colour, "width": 2, "dash": ("solid", "dash", "dot")[j % 3]}}
                    | {"customdata": list(zip(places, low, high, strict=True))}
                    | {"hovertemplate": f"{told}<extra>{label}</extra>"}
                )
    axes: Dict = {}
    for k, (words, panel) in enumerate(zip(result.curves.values(), _panels(len(result.curves)), strict=True), 1):
        title = "layers drawn anew" if some.places else "share of the pixels"
        axes[f"xaxis{k}"] = _axis(title, panel, f"y{k}") | (
            {} if some.places else {"tickformat": ".0%", "range": [-0.03, 1.03]}
        )
        axes[f"yaxis{k}"] = _axis(words, None, f"x{k}")
        if not some.places:
            axes[f"yaxis{k}"] |= {"range": [-0.02, 1.02]}
    lines = sum(len(methods) for methods in result.models.values())
    above = 30 + LINE * lines  # the legend, a name a line: it fits any width
    layout = framed(dark, HEIGHT + above - 30)
    layout["margin"]["t"] = above
    layout["legend"] |= {"orientation": "v", "itemwidth": 60}  # wide enough to tell the dashes apart
    return go.Figure(data=traces, layout=layout | axes)


def _marks(result: Measures, dark: bool) -> list[Mark]:
    """Return the marks of the models that have a measure; who is refused keeps its own."""
    return [mark for mark in lineup(list(result.models), dark) if mark.name in result.known]


def _along(values: Array, names: Mapping[str, int]) -> tuple[list[float], list[Mean], list[str]]:
    """Return where a curve's places lie, their means, and what to call them; of those that have a mean."""
    count = values.shape[1]
    at = list(range(count)) if names else [k / (count - 1) for k in range(count)]
    called = [f"last drawn: {name}" for name in names] if names else [f"{place:.0%} of the pixels" for place in at]
    found = [(x, mean_of(values[:, k]), words) for k, (x, words) in enumerate(zip(at, called, strict=True))]
    known = [(float(x), mean, words) for x, mean, words in found if mean is not None]
    return [x for x, _, _ in known], [mean for _, mean, _ in known], [words for _, _, words in known]


def _trace(mark: Mark, k: int, label: str) -> Dict:
    """Return what every trace of a model in panel k has."""
    axes = {"xaxis": f"x{k + 1}", "yaxis": f"y{k + 1}"}
    look = {"marker": {"color": mark.colour, "symbol": mark.symbol, "size": 11}, "legendgroup": label}
    return (
        {"type": "scatter", "name": _label(mark) if label == mark.name else label, "showlegend": k == 0} | axes | look
    )


def _error(bounds: Sequence[Sequence[float]], colour: str) -> Dict:
    """Return error bars from (below, above) each, relative to the points."""
    low, high = ([abs(pair[side]) for pair in bounds] for side in (0, 1))
    return {
        "type": "data",
        "symmetric": False,
        "array": high,
        "arrayminus": low,
        "color": colour,
        "width": 5,
        "thickness": 2,
    }


def _label(mark: Mark) -> str:
    return f"{mark.sign} {plain(mark.name)}"


def _plain(mean: Mean) -> str:
    low, high = mean.interval
    return f"{mean.value:.3g}, 95 % interval {low:.3g} to {high:.3g}, n = {mean.n:,}"


def _panels(count: int) -> list[list[float]]:
    """Return the domains of some panels beside each other."""
    width = (1 - GAP * (count - 1)) / count
    return [[k * (width + GAP), k * (width + GAP) + width] for k in range(count)]


def _axis(title: str, domain: list[float] | None, anchor: str) -> Dict:
    place = {"domain": domain} if domain else {}
    return {"title": {"text": title}, "anchor": anchor, "fixedrange": True} | place
