"""Training for large polyhedral envelopes, half of the pictures attacked."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Choice, Real, Switch, Whole
from explorer.training import recipe
from explorer.training._envelope import INNER, chosen, nearness
from explorer.training._proved import jumped
from explorer.training._within import reached
from explorer.training.batch import Batch


@recipe("Envelope regularisation with adversarial training (PER+AT)", paper="arXiv:1912.04792")
def per_at(
    batch: Batch,
    *,
    gamma: Annotated[float, Real(0.0, 100.0, "weight of the regulariser")] = 0.03,
    nearest: Annotated[int, Whole(1, 1000, "planes of each picture that count, the nearest ones")] = 4,
    jumps: Annotated[int, Whole(0, 20, "how often eps doubles, after equal times")] = 4,
    whole: Annotated[float, Real(0.0, 1.0, "share of the training after which eps is whole")] = 0.8,
    part: Annotated[float, Real(0.001, 1.0, "share of a batch whose planes are computed")] = 0.2,
    closest: Annotated[bool, Switch("those of the smallest margins, and not the first of the batch")] = False,
    inner: Annotated[str, Choice(tuple(INNER), "how the inner layers are bounded")] = "substitution",
    steps: Annotated[int, Whole(1, 50, "gradient steps of the attack in training")] = 10,
    step: Annotated[float, Real(0.005, 2.0, "length of a step as a fraction of eps")] = 0.2,
) -> Tensor:
    """As `per`, with every second picture at the point that PGD finds in the budget of the moment (Liu et al. 2023).

    The attacked pictures stand for the clean ones both in the cross-entropy and in the distances; the planes are still
    those around the clean picture, in whose ball they hold.
    """
    share = jumped(batch.progress, jumps, whole)
    points = batch.x.clone()
    points[::2] = reached(batch, share, steps, step, slice(None, None, 2))
    logits = batch.model(points)
    loss = cross_entropy(logits, batch.y)
    if not batch.threat.eps:
        return loss
    near = nearness(batch, points, chosen(logits, batch.y, part, closest), share, nearest, inner)
    batch.notes["near"] = float(near.detach())
    return loss + gamma * near
