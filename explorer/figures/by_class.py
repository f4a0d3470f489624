"""Accuracy class by class, clean and under attack."""

import plotly.graph_objects as go

from explorer.core.results import Evaluation
from explorer.core.stats import Rate
from explorer.figures.lineup import framed, lineup
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain

HEIGHT = 400


def by_class(evaluation: Evaluation, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw each model's accuracy under attack at the chosen budget by class, with 95 % Wilson intervals.

    Classes without a picture are left out. A click on a bar gives
    (model's place, class) as customdata.
    """
    first = next(iter(evaluation.models.values()))
    present = [c for c in range(len(setting.classes)) if (first.labels == c).any()]
    names, colours = [plain(setting.classes[c]) for c in present], palette(dark)
    data = []
    for i, (mark, judged) in enumerate(
        zip(lineup(list(evaluation.models), dark), evaluation.models.values(), strict=True)
    ):
        of = [judged.labels == c for c in present]
        stands = judged.standing(setting.budget)
        under = [Rate(int(stands[own].sum()), int(own.sum())) for own in of]
        clean = [float((judged.clean[own] == judged.labels[own]).mean()) for own in of]
        label = f"{mark.sign} {plain(mark.name)}"
        data.append(
            {
                "type": "bar",
                "x": names,
                "y": [rate.value for rate in under],
                "name": label,
                "offsetgroup": str(i),
                "marker": {"color": mark.colour, "pattern": {"shape": ("", "", "/", ".", "x", "+")[i % 6]}},
                "customdata": [
                    [i, c, rate.hits, rate.n, before] for c, rate, before in zip(present, under, clean, strict=True)
                ],
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [rate.interval[1] - rate.value for rate in under],
                    "arrayminus": [rate.value - rate.interval[0] for rate in under],
                    "color": colours.ink,
                    "thickness": 1.2,
                    "width": 3,
                },
                "hovertemplate": "%{x}: %{customdata[2]} of %{customdata[3]} stand, clean %{customdata[4]:.0%}"
                f"<extra>{label}</extra>",
            }
        )
    return go.Figure(
        data=data,
        layout=framed(dark, HEIGHT, 40)
        | {
            "barmode": "group",
            "xaxis": {"type": "category", "fixedrange": True, "showgrid": False},
            "yaxis": {"title": {"text": "pictures that stand"}, "range": [0, 1.02], "tickformat": ".0%"}
            | {"fixedrange": True},
        },
    )
