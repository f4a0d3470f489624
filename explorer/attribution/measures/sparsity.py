"""How few values hold a map's mass."""

import torch
from torch import Tensor

from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.core.progress import Tick, silent


@measure("Sparsity", values={"gini": "Gini index of the map's magnitudes"}, paper="arXiv:1810.06583")
def sparsity(case: Case, *, tick: Tick = silent) -> dict[str, Tensor]:
    """Measure by the Gini index how unevenly a map's magnitudes are spread: 0 flat, nearly 1 in a single value.

    1 - 2·sum (v_(k) / ||v||_1)·(d - k + 1/2) / d, with v_(1) <= ... <= v_(d) the magnitudes. Not a merit by itself:
    a map that is always the same pixel is as sparse as can be. NaN where a map is zero.

    References
    ----------
    Chalasani et al. 2020, arXiv:1810.06583, sec. 2 (after Hurley & Rickard 2009).
    """
    v = case.maps(case.winners, tick).abs().flatten(1).double().sort(1).values
    d = v.shape[1]
    k = torch.arange(1, d + 1, device=v.device, dtype=v.dtype)
    return {"gini": 1 - 2 * (v / v.sum(1, keepdim=True) * (d - k + 0.5) / d).sum(1)}
