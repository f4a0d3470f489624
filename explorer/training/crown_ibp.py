"""Training on worst logits by lines through a network whose inner bounds are intervals."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.certificates.crown_ibp import crown_ibp as lines
from explorer.certificates.ibp import ibp as intervals
from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training._proved import bounded, grown, worst_case
from explorer.training.batch import Batch


@recipe("CROWN-IBP", paper="arXiv:1906.06316")
def crown_ibp(
    batch: Batch,
    *,
    start: Annotated[float, Real(0.0, 1.0, "share of the training that is ordinary, before eps grows from 0")] = 0.05,
    ramp: Annotated[float, Real(0.0, 1.0, "share of the training over which eps grows")] = 0.4,
    kappa: Annotated[float, Real(0.0, 1.0, "weight of the clean loss once eps is whole; it falls from 1")] = 0.5,
    beta: Annotated[float, Real(0.0, 1.0, "weight of the lines once eps is whole; it falls from 1")] = 0.0,
) -> Tensor:
    """As `ibp`, but at margins that are CROWN-IBP's at first and intervals' later (Zhang et al. 2020, sec. 3.2).

    beta · CROWN-IBP + (1 - beta) · intervals are lower bounds of the margins, too: the tight ones guide the training
    while eps is small, the cheap ones end it. At beta = 0 the lines are not computed.
    """
    share = grown(batch.progress, start, ramp)
    weight, tight = 1 - share * (1 - kappa), 1 - share * (1 - beta)
    batch.notes.update(eps=batch.threat.eps * share, kappa=weight, beta=tight)
    clean = cross_entropy(batch.model(batch.x), batch.y)
    if weight == 1:
        return clean
    margins = bounded(batch, share, intervals)
    if tight:
        label = batch.y[:, None]
        mixed = tight * bounded(batch, share, lines).scatter(1, label, 0.0)
        margins = mixed + (1 - tight) * margins.scatter(1, label, 0.0)
    return weight * clean + (1 - weight) * worst_case(margins, batch.y)
