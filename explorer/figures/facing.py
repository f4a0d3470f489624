"""Which way two boundaries face near many pictures: the cosines of all pairs, and how many directions there are."""

from collections.abc import Sequence

import numpy as np

from explorer.core.results import Array, Locality
from explorer.figures.frames import Dict, Part
from explorer.figures.halves import ROOM, panel, title
from explorer.figures.lineup import Mark
from explorer.figures.setting import Setting
from explorer.figures.sheet import FOR_AGAINST
from explorer.figures.style import LEFT, RIGHT, palette, plain

SHOWN = 300  # pictures of a matrix, at most
COLOURS = 0.012  # of the height: how far above a matrix its colours are


def matrix(result: Locality, marks: Sequence[Mark], setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return each model's cosines between the normals of all pairs, the pictures in order of their true class."""
    found = np.all([one.normals.found for one in result.models.values()], axis=0)
    order = np.flatnonzero(found[: len(result.near)])[:SHOWN]
    order = order[np.argsort(result.y[order], kind="stable")]
    y_true = result.y[order]
    cosines = [result.cosines[mark.name][np.ix_(order, order)] for mark in marks]
    off = ~np.eye(len(order), dtype=bool)
    limit = max((float(np.percentile(np.abs(one[off]), 99)) for one in cosines if off.any()), default=1.0) or 1.0
    part = Part()
    if len(order) < 2:
        part.notes.append(title("no boundary was found near two pictures", 1, palette(dark).soft))
        return part
    for i, (mark, values) in enumerate(zip(marks, cosines, strict=True)):
        k = i + 1
        part.fixed.append(heat(values, limit, mark, k, i == len(marks) - 1, y, dark))
        part.axes.update(classed(y_true, setting, k, y, dark))
        part.notes.append(title(f"{mark.sign} {plain(mark.name)}", k, mark.colour))
    return part


def heat(
    values: Array,
    limit: float,
    mark: Mark,
    k: int,
    last: bool,
    y: tuple[float, float],
    dark: bool,
    word: str = "cosine",
) -> Dict:
    """Return a matrix of pairs of pictures, (N, N) in [-1, 1], with its colours above it where it is the last."""
    colours: Dict = {"thickness": 9, "outlinewidth": 0, "orientation": "h", "x": 0.97, "xanchor": "right", "len": 0.2}
    colours |= {
        "y": y[1] + COLOURS,
        "yanchor": "bottom",
        "xpad": 0,
        "ypad": 0,
        "tickvals": [-100 * limit, 0, 100 * limit],
    }
    colours |= {"ticktext": [f"−{limit:.2f}", f"{word} 0", f"{limit:.2f}"], "tickfont": {"color": palette(dark).soft}}
    return {
        "type": "heatmap",
        "z": np.rint(100 * values.clip(-1, 1)).astype(np.int8),
        "zmin": -100 * limit,
        "zmax": 100 * limit,
        "zsmooth": False,
        "colorscale": [list(stop) for stop in FOR_AGAINST[dark]],
        "showscale": last,
        "colorbar": colours,
        "hovertemplate": f"{word} %{{z}} %<extra>{mark.sign} {plain(mark.name)}</extra>",
        "xaxis": f"x{k}",
        "yaxis": f"y{k}",
    }


def classed(y_true: Array, setting: Setting, k: int, y: tuple[float, float], dark: bool) -> Dict:
    """Return the axes of a matrix, the classes' names where their pictures are."""
    classes, first, count = np.unique(y_true, return_index=True, return_counts=True)
    middle = (first + (count - 1) / 2).tolist()
    names = [plain(setting.classes[c]) for c in classes]
    edges = [-0.5, len(y_true) - 0.5]
    half = (LEFT, RIGHT)[k - 1]
    named: Dict = {"tickvals": middle, "ticktext": names, "fixedrange": True, "showgrid": False, "ticks": ""}
    named |= {"constrain": "domain", "tickfont": {"size": 11, "color": palette(dark).soft}, "ticklabelstandoff": 0}
    across: Dict = named | {"domain": [half[0] + ROOM, half[1] - 0.03], "anchor": f"y{k}", "range": edges}
    across |= {"tickangle": 0 if max(map(len, names)) < 3 else -45}
    up: Dict = named | {"domain": y, "anchor": f"x{k}", "range": edges[::-1], "scaleanchor": f"x{k}"}
    return {f"xaxis{k}": across, f"yaxis{k}": up}


def spectra(result: Locality, marks: Sequence[Mark], _setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return the singular values of the normals (left), and what share of them the first directions hold (right)."""
    soft, part = palette(dark).soft, Part()
    lines = [(mark, result.spectra[mark.name], "solid", "") for mark in marks if mark.name in result.spectra]
    lines += [(mark, result.scattered[mark.name], "dot", ", signs at random") for mark, *_ in lines]
    lines.append((Mark("random directions", soft, "circle", "", "dash"), result.random, "dash", ""))
    for mark, spectrum, dash, words in lines:
        ranks = np.arange(1, len(spectrum.values) + 1)
        name = f"{mark.sign} {plain(mark.name)}{words}"
        for k, (values, told) in enumerate(((spectrum.values, "%{y:.3g}"), (spectrum.held, "%{y:.1%} held")), 1):
            trace: Dict = {"type": "scatter", "mode": "lines", "x": ranks, "y": np.asarray(values, np.float32)}
            trace |= {"line": {"color": mark.colour, "width": 2 if dash == "solid" else 1.5, "dash": dash}}
            where = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
            part.fixed.append(trace | where | {"hovertemplate": f"%{{x}}: {told}<extra>{name}</extra>"})
    part.axes.update(panel(1, "direction", "singular value", y) | panel(2, "directions", "", y))
    part.axes["yaxis2"] |= {"tickformat": ".0%", "range": [0, 1.02]}
    part.axes["yaxis1"] |= {"rangemode": "tozero"}
    part.notes.append(title("singular values of the normals; dotted: signs at random", 1, palette(dark).ink))
    part.notes.append(title("share that the first directions hold", 2, palette(dark).ink))
    return part
