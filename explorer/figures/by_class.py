"""Accuracy class by class, clean and under attack."""

import plotly.graph_objects as go

from explorer.core.results import Evaluation
from explorer.core.stats import Rate
from explorer.figures.lineup import lineup, rated, shares
from explorer.figures.setting import Setting
from explorer.figures.style import plain


def by_class(evaluation: Evaluation, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw each model's accuracy under attack at the chosen budget by class, with 95 % Wilson intervals.

    Classes without a picture are left out. A click on a bar gives
    (model's place, class) as customdata.
    """
    first = next(iter(evaluation.models.values()))
    present = [c for c in range(len(setting.classes)) if (first.labels == c).any()]
    names, data = [plain(setting.classes[c]) for c in present], []
    for i, (mark, judged) in enumerate(
        zip(lineup(list(evaluation.models), dark), evaluation.models.values(), strict=True)
    ):
        of = [judged.labels == c for c in present]
        stands = judged.standing(setting.budget)
        under = [Rate(int(stands[own].sum()), int(own.sum())) for own in of]
        clean = [Rate(int((judged.clean[own] == judged.labels[own]).sum()), int(own.sum())) for own in of]
        custom = [[i, c, rate.hits, rate.n, before.cell] for c, rate, before in zip(present, under, clean, strict=True)]
        told = "%{x}: %{customdata[2]} of %{customdata[3]} stand, clean %{customdata[4]}"
        data.append(rated(i, mark, names, under, custom, told, dark))
    return shares(data, dark)
