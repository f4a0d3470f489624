"""How much a map changes when the picture hardly does."""

from typing import Annotated

import torch
from torch import Generator, Tensor

from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.core.device import uniform
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, part, silent


@measure("Max-sensitivity", values={"change": "largest relative change of the map"}, paper="arXiv:1901.09392")
def sensitivity(
    case: Case,
    *,
    radius: Annotated[float, Real(0.001, 0.5, "how far each value of the picture may move")] = 0.02,
    samples: Annotated[int, Whole(1, 100, "random pictures nearby")] = 10,
    rng: Generator,
    tick: Tick = silent,
) -> dict[str, Tensor]:
    """Measure the largest change of the map, over random pictures nearby, relative to the map's length.

    max ||Φ(x + δ) - Φ(x)|| / ||Φ(x)||, δ uniform in the ℓ∞ ball, the class explained staying that of x. The ball's
    true maximum is larger: chance searches badly, and an attack on the map would find more. A map that never changes
    has 0, and is no use. NaN where the map is zero.

    References
    ----------
    Yeh et al. 2019, arXiv:1901.09392, def. 2; relative to the map as in Captum and Quantus.
    """
    whole = samples + 1
    first = case.maps(case.winners, part(tick, 0, 1, whole)).flatten(1)
    most = torch.zeros(len(first), device=first.device)
    for i in range(samples):
        shift = (2 * uniform(case.x.shape[1:], rng, case.x.device) - 1) * radius  # one for all pictures
        there = case.maps(case.winners, part(tick, i + 1, 1, whole), x=case.x + shift).flatten(1)
        most = most.maximum((there - first).norm(dim=1))
    return {"change": most / first.norm(dim=1)}
