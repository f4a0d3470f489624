"""A way to train as it is drawn: its look, and its models and their mean as marks."""

from dataclasses import dataclass

from explorer.core.arms import mean_of, stays, stuck
from explorer.core.results import Arm
from explorer.core.stats import Mean
from explorer.figures.frames import Dict
from explorer.figures.style import CLASSES, palette

SMALL = 1e-9  # stands for 0 where 0 has no logarithm
FAINT, CONTROL = 0.5, 0.35  # opacities
LOGARITHMIC = ("eigenvalue", "slope", "loss")


@dataclass(frozen=True, slots=True)
class Look:
    """How a way to train is drawn: colour, symbol in a plot, sign in words, dash, place beside its budget."""

    colour: str
    symbol: str
    sign: str
    dash: str
    beside: float


LOOKS = {  # neither the colours nor the symbols of models A and B
    "none": Look(CLASSES[8], "square", "■", "solid", 0.0),
    "constant": Look(CLASSES[6], "x", "✖", "dash", -0.16),
    "warm-up": Look(CLASSES[5], "triangle-up", "▲", "dot", 0.16),
    "PAS": Look(CLASSES[0], "star", "★", "solid", 0.0),
}


def look(way: str) -> Look:
    """Return how a way to train is drawn."""
    return LOOKS[way]


def marks(way: str, group: list[Arm], figure: str, at: list[float], on: Dict, *, faint: bool, dark: bool) -> list[Dict]:
    """Return a way's models as dots, unless faint, and its means with their intervals."""
    style, means = look(way), [mean_of(arm, figure) for arm in group]
    hollow = [stuck(arm) == len(arm.models) for arm in group]
    told = [f"{mean}; {stuck(arm)} of {len(arm.models)} stuck" for mean, arm in zip(means, group, strict=True)]
    name = f"{way}, other start" if faint else way
    line: Dict = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": at,
        "y": [mean.value for mean in means],
    }
    line |= on | {"error_y": bars(means, figure, style.colour), "customdata": told}
    line |= {"line": {"color": style.colour, "width": 1, "dash": style.dash}, "opacity": CONTROL if faint else 1.0}
    line["marker"] = _marker(style, hollow, 7 if faint else 11, dark)
    line["hovertemplate"] = f"%{{customdata}}<extra>{style.sign} {name}</extra>"
    if faint:
        return [line]
    spread = [
        (x + 0.08, value, alone) for x, arm in zip(at, group, strict=True) for value, alone in _models(arm, figure)
    ]
    dots: Dict = {"type": "scatter", "mode": "markers", "name": f"{way}, seeds", "opacity": FAINT, "hoverinfo": "skip"}
    dots |= on | {"x": [one[0] for one in spread], "y": [one[1] for one in spread]}
    dots["marker"] = _marker(style, [one[2] for one in spread], 6, dark) | {"symbol": "circle"}
    return [dots, line]


def _models(arm: Arm, figure: str) -> list[tuple[float, bool]]:
    return list(zip(arm.figures[figure].tolist(), stays(arm).tolist(), strict=True))


def _marker(style: Look, hollow: list[bool], size: int, dark: bool) -> Dict:
    fill = [palette(dark).page if one else style.colour for one in hollow]
    return {"symbol": style.symbol, "size": size, "color": fill, "line": {"color": style.colour, "width": 1.5}}


def bars(means: list[Mean], figure: str, colour: str) -> Dict:
    """Return the error bars of means: their intervals, cut where a logarithmic axis has no place for them."""
    least = SMALL if figure in LOGARITHMIC else -1.0
    low = [mean.value - max(mean.interval[0], least) for mean in means]
    high = [mean.interval[1] - mean.value for mean in means]
    error = {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": colour}
    return error | {"width": 4, "thickness": 1.5}
