"""How much of a map's mass lies on the object."""

from typing import Annotated

import torch
from torch import Tensor

from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.core.errors import UserError
from explorer.core.knobs import Real
from explorer.core.progress import Tick, silent


@measure(
    "Mass inside the object",
    values={"mass": "share of the map's mass on the object", "area": "share of the picture that the object covers"},
    paper="arXiv:2003.07258",
    needs=("pictures", "object"),
)
def inside(
    case: Case,
    *,
    level: Annotated[
        float, Real(0.01, 1.0, "brightness from which a pixel is the object's, where no mask says so")
    ] = 0.5,
    tick: Tick = silent,
) -> dict[str, Tensor]:
    """Measure how much of each map lies on the object; a flat map has the share of its area.

    mass : sum |m|·cover / sum |m|, cover the share of a pixel that is the object's: the true silhouette, or whether
        the pixel is bright, where bright pixels are the object
    area : the mean of the cover

    Not whether the model is right. NaN where a map is zero, and where no object is to be seen.

    References
    ----------
    Arras et al. 2022, arXiv:2003.07258, relevance mass accuracy.
    """
    if case.mask is not None:
        cover = case.mask.to(case.x)
    elif case.bright:
        cover = (case.x.amax(1, keepdim=True) >= level).to(case.x)
    else:
        raise UserError("Nothing says where the object is in these pictures.")
    size = case.maps(case.winners, tick).abs().sum(1, keepdim=True).double()  # (N, 1, H, W)
    area = cover.double().mean((1, 2, 3))
    mass = (size * cover).sum((1, 2, 3)) / size.sum((1, 2, 3))
    return {"mass": mass.where(area > 0, torch.nan), "area": area.where(area > 0, torch.nan)}
