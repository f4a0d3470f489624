"""The study of the 1-path-norm: drawn."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Experiment
from explorer.figures.frames import compose, rows
from explorer.figures.kinds import ends, epochs, legend, over

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)  # of the budget, as the study has asked


def pathed(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw accuracies, what is certified, exact zeros, the norm over the epochs, and what is certified by budget."""
    height, y = rows(key=66, above=26, first=220, ticks=52, second=220, more=52, last=240, end=50)
    curves = {one.name: np.array([looked["curve"] for looked in one.looked]) for one in found.trials}
    norms = {one.name: one.history["path_norm"] for one in found.trials if "path_norm" in one.history}
    budgets = {name: np.array(SHARES) for name in curves}
    epoch = {one.name: epochs(one) for one in found.trials}
    parts = [
        legend(found, y["key"], dark),
        ends(found, "clean", 1, ("Clean pictures", "accuracy"), y["first"], dark),
        ends(found, "pgd", 2, ("Under PGD-20", ""), y["first"], dark),
        ends(found, "certified", 3, ("Certified, by the halved path norm", "share"), y["second"], dark),
        ends(found, "zeros", 4, ("Weights that are exactly 0", ""), y["second"], dark),
        over(found, curves, budgets, 5, ("Certified by budget", "budget, in eps", "share"), y["last"], dark),
        over(found, norms, epoch, 6, ("Path norm in training", "epoch", ""), y["last"], dark, share=False),
    ]
    parts[-1].axes["yaxis6"] |= {"type": "log", "nticks": 5}
    return compose(parts, height=height, steps=(), y=y, dark=dark)
