"""Training for large polyhedral envelopes."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Choice, Real, Switch, Whole
from explorer.training import recipe
from explorer.training._envelope import INNER, chosen, nearness
from explorer.training._proved import jumped
from explorer.training.batch import Batch


@recipe("Polyhedral envelope regularisation (PER)", paper="arXiv:1912.04792")
def per(
    batch: Batch,
    *,
    gamma: Annotated[float, Real(0.0, 100.0, "weight of the regulariser")] = 0.03,
    nearest: Annotated[int, Whole(1, 1000, "planes of each picture that count, the nearest ones")] = 4,
    jumps: Annotated[int, Whole(0, 20, "how often eps doubles, after equal times")] = 4,
    whole: Annotated[float, Real(0.0, 1.0, "share of the training after which eps is whole")] = 0.8,
    part: Annotated[float, Real(0.001, 1.0, "share of a batch whose planes are computed")] = 0.2,
    closest: Annotated[bool, Switch("those of the smallest margins, and not the first of the batch")] = False,
    inner: Annotated[str, Choice(tuple(INNER), "how the inner layers are bounded")] = "substitution",
) -> Tensor:
    """Clean cross-entropy, and how near the planes of the envelope are (Liu, Salzmann & Süsstrunk 2023).

    CE + gamma · mean over pictures of sum_{t <= nearest} max(0, 1 - d_t / alpha): a plane farther than alpha costs
    nothing, so that nothing is made larger than it has to be. alpha is the eps of the moment, which starts at
    2^-jumps of the budget. Distances are those within [0, 1]. With "substitution" the planes are Fast-Lin's (the
    paper's C-PER); with "intervals" inner layers are bounded by those, which is quicker in deep networks and looser
    (and not the paper's I-PER).
    """
    share = jumped(batch.progress, jumps, whole)
    batch.notes["eps"] = batch.threat.eps * share
    logits = batch.model(batch.x)
    loss = cross_entropy(logits, batch.y)
    if not batch.threat.eps:
        return loss
    near = nearness(batch, batch.x, chosen(logits, batch.y, part, closest), share, nearest, inner)
    batch.notes["near"] = float(near.detach())
    return loss + gamma * near
