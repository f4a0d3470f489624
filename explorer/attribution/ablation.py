"""Feature ablation."""

from typing import Annotated

from captum.attr import FeatureAblation
from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution._parts import grid, superpixels
from explorer.attribution._score import Score
from explorer.core.errors import Unsuited
from explorer.core.knobs import Choice, Whole

PARTS = {"grid": grid, "superpixels": superpixels}


@method("Feature ablation", signed=True, paper="arXiv:2009.07896", needs=("pictures",), channels=False)
def ablation(
    score: Score,
    x: Tensor,
    *,
    parts: Annotated[str, Choice(tuple(PARTS), "cells of a grid, or superpixels, which keep to edges")] = "grid",
    cells: Annotated[int, Whole(1, 64, "cells a side; of superpixels as many as cells")] = 8,
    baseline: Annotated[str, CHOICE] = "mean",
    rng: Generator,
) -> Attributed:
    """Replace one part of the picture at a time; each pixel gets the fall of the score that its part caused.

    Not occlusion: parts do not overlap, and each pixel holds the whole fall of its part, so a map does not sum to the
    score. A part is of the picture alone, the same for both models.

    References
    ----------
    Kokhlikyan et al. 2020, arXiv:2009.07896 (Captum's feature ablation).
    """
    height, width = x.shape[2:]
    if cells > min(height, width):
        raise Unsuited(f"cells = {cells} are more than the rows or columns of a picture of {height}×{width} pixels.")
    score.expect(cells**2 + 1)
    maps = FeatureAblation(score).attribute(
        x.detach(),
        baselines=baseline_of(baseline, x, rng),
        additional_forward_args=score.args,
        feature_mask=PARTS[parts](x, cells),  # (1 or N, 1, H, W)
        perturbations_per_eval=score.copies,
    )
    return maps[:, :1], None
