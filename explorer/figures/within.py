"""Accuracy clean and under an attack with limits of its own: there is no curve, as there is no budget to go up."""

import plotly.graph_objects as go

from explorer.core.results import Evaluation
from explorer.core.stats import Rate
from explorer.figures.lineup import OWN, lineup, rated, shares
from explorer.figures.setting import Setting


def within(evaluation: Evaluation, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw the share of pictures that stand clean and within the attack's limits, for each model, with its interval.

    A click on a bar gives (model's place, budget in pixel units) as customdata, as on a curve.
    """
    names, budgets, data = ["clean", OWN], [0.0, setting.budget], []
    marks = lineup(list(evaluation.models), dark)
    for i, (mark, judged) in enumerate(zip(marks, evaluation.models.values(), strict=True)):
        rates = [Rate(int(judged.standing(eps).sum()), len(judged.labels)) for eps in budgets]
        custom = [[i, eps, rate.hits, rate.n] for eps, rate in zip(budgets, rates, strict=True)]
        told = "%{x}: %{customdata[2]} of %{customdata[3]} stand"
        data.append(rated(i, mark, names, rates, custom, told, dark))
    return shares(data, dark)
