"""The accounts on shapes: margins with parts of the picture taken away, and the shares that each feature is owed."""

import plotly.graph_objects as go

from explorer.core.results import Accounts, Ledger, Shares
from explorer.core.stats import Mean
from explorer.figures.frames import Dict
from explorer.figures.lineup import PATTERNS, Mark, framed, lineup
from explorer.figures.owed import FEATURES, WORLDS, lies, margin_text, owed
from explorer.figures.sight import Sight
from explorer.figures.style import palette, plain

HEIGHT = 400  # px
LEFT, RIGHT = (0.0, 0.5), (0.735, 1.0)  # the bars; the shares, with room for their names
SPREAD = 0.16  # of a row, from the middle to a model's mark


def accounts(ledger: Ledger, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw mean margins as bars at the left, shares of margin and map as marks at the right, with 95 % intervals.

    The bars of both models are on one axis, each in its own logits.
    """
    marks = lineup(list(ledger.accounts), dark)
    rows = _rows(ledger, sight)
    data: list[Dict] = []
    for i, (mark, (model, found)) in enumerate(zip(marks, ledger.accounts.items(), strict=True)):
        shares = ledger.shares.get(model)
        data.append(_bars(i, mark, found, dark))
        data += _marks(i, mark, found, shares if isinstance(shares, Shares) else None, rows, dark)
    layout = framed(dark, HEIGHT, 44) | {"barmode": "group", "hovermode": "closest"}
    layout |= {
        "xaxis": {"domain": LEFT, "type": "category", "fixedrange": True, "showgrid": False, "tickangle": 0},
        "yaxis": {"title": {"text": "mean margin of the true class, in logits"}, "zeroline": True, "fixedrange": True}
        | {"zerolinecolor": palette(dark).soft},
        "xaxis2": {"domain": RIGHT, "anchor": "y2", "tickformat": ".0%", "fixedrange": True, "zeroline": True}
        | {"zerolinecolor": palette(dark).soft, "nticks": 5},
        "yaxis2": {"anchor": "x2", "range": [len(rows) - 0.5, -0.5], "fixedrange": True, "showgrid": False}
        | {"tickvals": list(range(len(rows))), "ticktext": rows},
        "shapes": [] if len(rows) < 3 else [_rule(dark)],
    }
    return go.Figure(data=data, layout=layout)


def _rows(ledger: Ledger, sight: Sight) -> list[str]:
    """Return the names of the rows of shares: of the margin, then of the map where there is one."""
    maps = [lies(found) for found in ledger.shares.values() if isinstance(found, Shares)]
    known = max(maps, key=len) if maps else {}
    return [f"margin owed to<br>{words}" for words in FEATURES.values()] + [f"map's mass<br>{words}" for words in known]


def _bars(i: int, mark: Mark, found: Accounts, dark: bool) -> Dict:
    means = [Mean.of(getattr(found, world)) for world in WORLDS]
    label = f"{mark.sign} {plain(mark.name)}"
    error: Dict = {"type": "data", "array": [mean.interval[1] - mean.value for mean in means]}
    return {
        "type": "bar",
        "x": [words.replace(" ", "<br>", 1) for words in WORLDS.values()],
        "y": [mean.value for mean in means],
        "name": mark.entry,
        "offsetgroup": str(i),
        "marker": {"color": mark.colour, "pattern": {"shape": PATTERNS[i]}},
        "error_y": error | {"color": palette(dark).ink, "thickness": 1.2, "width": 3},
        "customdata": [margin_text(mean) for mean in means],
        "hovertemplate": f"%{{x}}: margin %{{customdata}}<extra>{label}</extra>",
    }


def _marks(i: int, mark: Mark, found: Accounts, shares: Shares | None, rows: list[str], dark: bool) -> list[Dict]:
    """Return a model's shares as marks with intervals, and a tick where a flat map would be."""
    known: list[tuple[Mean | None, float | None]] = [(owed(found, feature), None) for feature in FEATURES]
    known += list(lies(shares).values()) if shares is not None else []
    label, at = f"{mark.sign} {plain(mark.name)}", (2 * i - 1) * SPREAD
    drawn = [(row, mean, flat) for row, (mean, flat) in enumerate(known) if mean is not None]
    where: Dict = {"type": "scatter", "mode": "markers", "xaxis": "x2", "yaxis": "y2", "showlegend": False}
    values: Dict = {
        "x": [mean.value for _, mean, _ in drawn],
        "y": [row + at for row, _, _ in drawn],
        "error_x": {"type": "data", "array": [mean.interval[1] - mean.value for _, mean, _ in drawn], "thickness": 1.5},
        "marker": {"color": mark.colour, "symbol": mark.symbol, "size": 10},
        "customdata": [[rows[row].replace("<br>", " "), mean.share] for row, mean, _ in drawn],
        "hovertemplate": f"%{{customdata[0]}}: %{{customdata[1]}}<extra>{label}</extra>",
    }
    flats = [(flat, row) for row, _, flat in drawn if flat is not None] if i == 0 else []
    tick: Dict = {
        "x": [flat for flat, _ in flats],
        "y": [row for _, row in flats],
        "marker": {"symbol": "line-ns-open", "size": 30, "color": palette(dark).soft},
        "name": "a flat map",
        "showlegend": True,
        "legendrank": 2000,  # behind both models
        "hovertemplate": "a flat map: %{x:.1%}<extra></extra>",
    }
    return [where | values, *([where | tick] if flats else [])]


def _rule(dark: bool) -> Dict:
    """Return the line between shares of the margin and shares of the map."""
    place = {"type": "line", "xref": "x2 domain", "yref": "y2", "x0": 0, "x1": 1, "y0": 1.5, "y1": 1.5}
    return place | {"line": {"color": palette(dark).line, "width": 1}}
