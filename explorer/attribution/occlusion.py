"""Occlusion."""

from typing import Annotated

from captum.attr import Occlusion
from torch import Generator, Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution._score import Score
from explorer.core.errors import Unsuited
from explorer.core.knobs import Whole


@method("Occlusion", signed=True, paper="arXiv:1311.2901", needs=("pictures",), channels=False)
def occlusion(
    score: Score,
    x: Tensor,
    *,
    window: Annotated[int, Whole(1, 64, "side of the square that is covered, in pixels")] = 4,
    stride: Annotated[int, Whole(1, 64, "how far it moves, in pixels")] = 2,
    baseline: Annotated[str, CHOICE] = "mean",
    rng: Generator,
) -> Attributed:
    """Cover a square of the picture at every place; a pixel gets the mean fall of the score over the squares on it.

    It asks for scores only, so masked gradients do not hide anything from it.

    References
    ----------
    Zeiler & Fergus 2014, arXiv:1311.2901, sec. 4.2 (grey squares).
    """
    channels, *sides = x.shape[1:]
    if window > min(sides):
        raise Unsuited(f"window = {window} does not fit into a picture of {sides[0]}×{sides[1]} pixels.")
    if stride > window:
        raise Unsuited(f"stride = {stride} leaves gaps between squares of {window}: choose at most that.")
    places = [-(-(side - window) // stride) + 1 for side in sides]
    score.expect(places[0] * places[1] + 1)
    maps = Occlusion(score).attribute(
        x.detach(),
        (channels, window, window),
        (channels, stride, stride),
        baselines=baseline_of(baseline, x, rng),
        additional_forward_args=score.args,
        perturbations_per_eval=score.copies,
    )
    return maps[:, :1], None
