"""Whether maps sum to what they promise."""

import torch
from torch import Tensor

from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.core.progress import Tick, silent


@measure(
    "Completeness",
    values={"gap": "gap between sum and promise, in logits", "promised": "what the map is to sum to, in logits"},
    paper="arXiv:1703.01365",
    needs=("sums",),
)
def completeness(case: Case, *, tick: Tick = silent) -> dict[str, Tensor]:
    """Measure how far each map's sum is from what the method promises, in either direction.

    gap : |sum of the map - promised|; promised : |the score less that of the empty picture|, what a gap is small beside

    It tells of the method's own error (too few steps, a rule that biases break), not of what the model uses.

    References
    ----------
    Sundararajan et al. 2017, arXiv:1703.01365, prop. 1.
    """
    found = case.saliency(tick)
    if found.error is None or found.promised is None:
        raise ValueError(f"{case.method} says that its maps sum to something, and does not say to what")
    gap, promised = (torch.from_numpy(abs(values)) for values in (found.error, found.promised))
    return {"gap": gap, "promised": promised.double()}
