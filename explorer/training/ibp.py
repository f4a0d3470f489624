"""Training on the worst logits that intervals allow."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.certificates.ibp import ibp as intervals
from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training._proved import bounded, grown, worst_case
from explorer.training.batch import Batch


@recipe("Interval bound propagation (IBP)", paper="arXiv:1810.12715")
def ibp(
    batch: Batch,
    *,
    start: Annotated[float, Real(0.0, 1.0, "share of the training that is ordinary, before eps grows from 0")] = 0.05,
    ramp: Annotated[float, Real(0.0, 1.0, "share of the training over which eps grows")] = 0.4,
    kappa: Annotated[float, Real(0.0, 1.0, "weight of the clean loss once eps is whole; it falls from 1")] = 0.5,
) -> Tensor:
    """Clean cross-entropy and that at the worst logits that intervals allow, weighed (Gowal et al. 2018, sec. 3).

    kappa · clean + (1 - kappa) · worst case, with eps growing linearly from 0 as kappa falls from 1. What it teaches is
    to be provable by intervals, which is more than to be robust, and says little of what tighter bounds prove.
    """
    share = grown(batch.progress, start, ramp)
    weight = 1 - share * (1 - kappa)
    batch.notes.update(eps=batch.threat.eps * share, kappa=weight)
    clean = cross_entropy(batch.model(batch.x), batch.y)
    if weight == 1:
        return clean
    margins = bounded(batch, share, intervals)
    return weight * clean + (1 - weight) * worst_case(margins, batch.y)
