"""How well the gradient points along the picture."""

from typing import Annotated

import torch
from torch import Tensor

from explorer.attribution._baselines import baseline_of
from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case, Lead
from explorer.core.device import generator
from explorer.core.knobs import Choice
from explorer.core.progress import Tick, silent

OF = Choice(("logit", "margin"), "gradient of the winning logit, or of its margin over the runner-up")
CENTRE = Choice(("black", "mean"), "what counts as no picture: black, or the picture's own mean per channel")


@measure(
    "Alignment of gradient and picture",
    values={"alpha": "alignment α, in ℓ2 of the pixels", "cosine": "|cosine| of gradient and picture"},
    paper="arXiv:1905.04172",
    own=True,
)
def alignment(
    case: Case,
    *,
    of: Annotated[str, OF] = "logit",
    centre: Annotated[str, CENTRE] = "black",
    tick: Tick = silent,
) -> dict[str, Tensor]:
    """Measure how far the picture lies along the gradient of the class that the model says.

    alpha : |<x, g>| / ||g||, the length of the picture along g. For a linear model of two classes without bias, and
        g the margin's gradient, it is the distance to the boundary
    cosine : |<x, g>| / (||x|| ||g||), the same whatever the picture's brightness, from 0 to 1

    x are the pixels as they are, or less each channel's mean. Not what a person would call alike: a picture with much
    light has a large alpha along any g. NaN where the gradient is zero.

    References
    ----------
    Etmann et al. 2019, arXiv:1905.04172, the alignment with the winning score's gradient, and that of the score
    made binary; their pixels are not centred.
    """
    g = case.gradients(Lead(margin=of == "margin"), tick).flatten(1).double()
    empty = torch.zeros_like(case.x) if centre == "black" else baseline_of("mean", case.x, generator(case.seed))
    x = (case.x - empty).flatten(1).double()
    along = (x * g).sum(1).abs() / g.norm(dim=1)  # 0 / 0 is NaN: there is no direction
    return {"alpha": along, "cosine": along / x.norm(dim=1)}
