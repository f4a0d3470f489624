"""How much it takes to break a picture: the pictures of each model sorted by the smallest budget that does."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Evaluation, up_to
from explorer.core.stats import Rate
from explorer.figures.frames import Dict
from explorer.figures.lineup import OWN, PATTERNS, framed, lineup
from explorer.figures.setting import Setting
from explorer.figures.style import plain

HEIGHT = 400
BEYOND, BROKEN, ALONE = "not broken", "broken", "wrong by itself"


def bins(radius: Array, budgets: Array) -> Array:
    """Return the bin of each picture (N,): 0 wrong by itself, i within budget i, the last not broken by any."""
    edges = np.concatenate([up_to(budgets), [np.inf]])
    return np.where(radius == 0, 0, 1 + np.searchsorted(edges, radius, side="left").clip(max=len(budgets)))


def names(budgets: Array, setting: Setting) -> list[str]:
    """Return what the bins are called: within each budget, or of an attack with limits of its own within these."""
    scale = 1 if setting.norm == "l0" else setting.unit
    steps = [BROKEN] if setting.limits else [f"≤ {eps * scale:.3g}" for eps in budgets]
    return [ALONE, *steps, BEYOND]


def radii(evaluation: Evaluation, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw, for each model, how many pictures fall within each budget but not within the one before.

    Of an attack with limits of its own: how many fall within them.

    A click on a bar gives (model's place, bin) as customdata; see `bins`.
    """
    count = len(evaluation.budgets) + 2
    data = []
    for i, (mark, judged) in enumerate(
        zip(lineup(list(evaluation.models), dark), evaluation.models.values(), strict=True)
    ):
        held = np.bincount(bins(judged.radius, evaluation.budgets), minlength=count)
        label, n = f"{mark.sign} {plain(mark.name)}", len(judged.radius)
        bar: Dict = {
            "type": "bar",
            "x": names(evaluation.budgets, setting),
            "y": (held / n).astype(np.float32),
            "customdata": [[i, j, Rate(int(k), n).cell] for j, k in enumerate(held)],
            "name": mark.entry,
            "marker": {"color": mark.colour, "pattern": {"shape": PATTERNS[i % 6]}},
            "hovertemplate": f"%{{x}}: %{{customdata[2]}} of {n} pictures<extra>{label}</extra>",
        }
        data.append(bar)
    unit = "pixels" if setting.norm == "l0" else f"1/{setting.unit}"
    title = f"smallest budget known to break the picture ({setting.symbol}, {unit})"
    title = OWN if setting.limits else title
    return go.Figure(
        data=data,
        layout=framed(dark, HEIGHT, 56)
        | {
            "barmode": "group",
            "xaxis": {"title": {"text": title}} | {"type": "category", "fixedrange": True, "showgrid": False},
            "yaxis": {"title": {"text": "share of the pictures"}, "tickformat": ".0%", "fixedrange": True},
        },
    )
