"""Two panels beside each other: their axes, and a line of words above each."""

from explorer.figures.frames import Dict
from explorer.figures.style import LEFT, RIGHT

ROOM = 0.055  # of the width, for an axis' numbers and title


def panel(k: int, across: str, up: str, y: tuple[float, float]) -> Dict:
    """Return the axes k of a panel between the heights y: the left one is 1, the right one 2."""
    half = (LEFT, RIGHT)[k - 1]
    x: Dict = {"domain": [half[0] + ROOM, half[1]], "anchor": f"y{k}", "title": {"text": across}}
    return {
        f"xaxis{k}": x | {"fixedrange": True, "nticks": 7},
        f"yaxis{k}": {"domain": y, "anchor": f"x{k}", "title": {"text": up}, "fixedrange": True},
    }


def title(text: str, k: int, colour: str) -> Dict:
    """Return a line above a panel."""
    n = "" if k == 1 else k  # plotly.js knows no "x1 domain"
    where: Dict = {"xref": f"x{n} domain", "yref": f"y{n} domain", "x": 0, "y": 1, "xanchor": "left"}
    where |= {"yanchor": "bottom", "showarrow": False, "text": text, "borderpad": 3}
    return where | {"font": {"size": 12.5, "color": colour}}
