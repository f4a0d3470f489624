"""Feature ablation over a grid."""

from typing import Annotated

import torch
from captum.attr import FeatureAblation
from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution._score import Score
from explorer.core.errors import Unsuited
from explorer.core.knobs import Whole


@method("Feature ablation over a grid", signed=True, paper="arXiv:2009.07896", needs=("pictures",), channels=False)
def ablation(
    score: Score,
    x: Tensor,
    *,
    cells: Annotated[int, Whole(1, 64, "cells a side")] = 8,
    baseline: Annotated[str, CHOICE] = "mean",
    rng: Generator,
) -> Attributed:
    """Replace one cell of a grid at a time; each pixel gets the fall of the score that its cell caused.

    Not occlusion: cells do not overlap, and a map's cells hold whole falls, so it does not sum to the score.

    References
    ----------
    Kokhlikyan et al. 2020, arXiv:2009.07896 (Captum's feature ablation).
    """
    height, width = x.shape[2:]
    if cells > min(height, width):
        raise Unsuited(f"cells = {cells} are more than the rows or columns of a picture of {height}×{width} pixels.")
    row, column = (torch.arange(side, device=x.device) * cells // side for side in (height, width))
    score.expect(cells**2 + 1)
    maps = FeatureAblation(score).attribute(
        x.detach(),
        baselines=baseline_of(baseline, x, rng),
        additional_forward_args=score.args,
        feature_mask=(row[:, None] * cells + column)[None, None],  # (1, 1, H, W)
        perturbations_per_eval=score.copies,
    )
    return maps[:, :1], None
