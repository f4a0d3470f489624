"""The maps of one picture: each method a row, the picture, model A and model B side by side."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Look, Looks, Refused, Saliency
from explorer.core.stats import rank_correlation
from explorer.figures.sheet import Cell, sheet
from explorer.figures.sight import Sight
from explorer.figures.style import SIGNS, palette

PALE = 4.0  # times the other's sizes: then the other is hardly seen on one scale


def maps(looks: Looks, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw the picture and the maps of both models for each method, on the scales that the sight chooses."""
    limits = ends(looks, sight)
    rows = []
    for name, look in looks.methods.items():
        row = [Cell("picture", f"{_truth(look, sight)}\n", look.x[0])]
        for i, found in enumerate((look.a, look.b)):
            row.append(cell(found, look.x[0], i, sight.titles[name], limits[name][i], sight, dark))
        rows.append(row)
    return sheet(rows, overlay=int(sight.show["overlay"]), dark=dark)


def cell(found: Saliency | Refused, x: Array, i: int, title: str, limit: float, sight: Sight, dark: bool) -> Cell:
    """Return the cell of model i's map of a picture (C, H, W)."""
    name = f"{SIGNS[i]} {'AB'[i]} · {sight.setting.names[i]}"
    tone = palette(dark).models[i]
    if isinstance(found, Refused):
        return Cell(name, f"{name}\n{title}", x, tone=tone, refused=found.sentence)
    against = None if found.against is None else int(found.against[0])
    scored = sight.scored(found.kind, int(found.labels[0]), against)
    signed = is_signed(found, sight)
    return Cell(name, f"{name}\n{title} of {scored}", x, flat(found, sight), limit, signed, tone)


def is_signed(found: Saliency, sight: Sight) -> bool:
    """Return whether a map is drawn for and against, about 0."""
    return found.signed and sight.show["map"] == "signed"


def flat(found: Saliency, sight: Sight) -> Array:
    """Return a picture's map (H, W): the sum over channels, of the values or, where it is no matter of sign, of sizes.

    The sum of sizes is the mass whose shares are told of `shapes`.
    """
    values = found.maps[0].astype(np.float64)
    return np.asarray(values.sum(0) if is_signed(found, sight) else np.abs(values).sum(0))


def ends(looks: Looks, sight: Sight) -> dict[str, list[float]]:
    """Return where the colours of each method's two maps end, by the scale that is chosen."""
    found = {
        name: [[] if isinstance(one, Refused) else [flat(one, sight)] for one in (look.a, look.b)]
        for name, look in looks.methods.items()
    }
    clip = float(sight.show["clip"])
    if sight.show["scale"] == "each":
        return {name: [reach(one, clip) for one in pair] for name, pair in found.items()}
    if sight.show["scale"] == "both":
        return {name: [reach([*pair[0], *pair[1]], clip)] * 2 for name, pair in found.items()}
    every = [one for pair in found.values() for some in pair for one in some]
    return {name: [reach(every, clip)] * 2 for name in found}


def reach(maps: Sequence[Array], clip: float) -> float:
    """Return a percentile of the sizes of all values; 1 where all are 0 or there are none."""
    sizes = np.concatenate([np.abs(one).ravel() for one in maps]) if maps else np.zeros(1)
    return float(np.percentile(sizes, clip)) or float(sizes.max()) or 1.0


def _truth(look: Look, sight: Sight) -> str:
    return f"class '{sight.setting.classes[look.label]}'" if look.label >= 0 else "class not said"


def told(looks: Looks, sight: Sight) -> list[str]:
    """Return what is to be known of the maps, a sentence each: how they are drawn, how alike, what they sum to."""
    found = [drawn_as([one for look in looks.methods.values() for one in (look.a, look.b)], sight)]
    for name, look in looks.methods.items():
        found += [*_alike(look, sight.titles[name], sight), *_sums(look, sight.titles[name], sight)]
    return [line for line in found if line]


def drawn_as(found: Sequence[Saliency | Refused], sight: Sight) -> str:
    """Return how some maps are drawn: the channels, the colours, where they end; "" where there are none."""
    maps = [one for one in found if isinstance(one, Saliency)]
    if not maps:
        return ""
    if maps[0].maps.ndim != 4:
        return "The bars are what each of the point's two values does, A's and B's on one axis, each method on its own."
    signed = any(is_signed(one, sight) for one in maps)
    many = any(one.maps.shape[1] > 1 for one in maps)
    summed = "sum of its channels' " + ("values" if signed else "sizes") if many else "value" if signed else "size"
    rises = "raises" if maps[0].kind == "loss" else "speaks for"
    colours = f"orange {rises}, blue {'lowers' if maps[0].kind == 'loss' else 'against'} what is explained"
    shared = {"each": "each map's own", "both": "A's and B's maps' common", "all": "all maps' common"}
    return (
        f"A pixel is the {summed}: {colours if signed else 'the brighter, the larger'}. The colours end at "
        f"percentile {sight.show['clip']:g} of {shared[str(sight.show['scale'])]} sizes; what is beyond looks like "
        "the end."
    )


def _alike(look: Look, title: str, sight: Sight) -> list[str]:
    if isinstance(look.a, Refused) or isinstance(look.b, Refused) or look.a.maps.ndim != 4:
        return []
    a, b = flat(look.a, sight), flat(look.b, sight)
    alike = rank_correlation(a, b)
    words = "one of the two maps is flat" if alike is None else f"rank correlation of A's and B's map {alike:.2f}"
    sizes = [float(np.abs(one).sum()) for one in (a, b)]
    if min(sizes) > 0:
        more, less = ("A", "B") if sizes[0] >= sizes[1] else ("B", "A")
        times = max(sizes) / min(sizes)
        words += f"; {more}'s has {times:.3g} times the sum of sizes of {less}'s"
        if times > PALE and sight.show["scale"] != "each":
            words += ", which is pale on their common scale; a scale for each shows its pattern"
    return [f"{title}: {words}."]


def _sums(look: Look, title: str, sight: Sight) -> list[str]:
    """Return what is missing from a promised sum, or why there is no map."""
    found = []
    for name, one in zip(sight.setting.names, (look.a, look.b), strict=True):
        if isinstance(one, Refused):
            found.append(f"{title}, {name} model: {one.sentence}")
        elif one.promised is not None and one.error is not None:
            promised, error = float(one.promised[0]), float(one.error[0])
            found.append(
                f"{title}, {name} model: the values sum to {promised + error:.4g} where {promised:.4g} is promised, "
                f"a completeness error of {error:.2g}."
            )
    return found
