"""Fast adversarial training in which hard pictures weigh less."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training._asking import asking
from explorer.training._stored import stored
from explorer.training.batch import Batch


@recipe("Reweighted, one step on a kept perturbation", paper="arXiv:2112.07324")
def reweighted(
    batch: Batch,
    *,
    step: Annotated[float, Real(0.05, 4.0, "length of the step as a fraction of eps")] = 0.5,
    warmup: Annotated[float, Real(0.0, 1.0, "share of the training in which all weigh the same")] = 0.13,
) -> Tensor:
    """Cross-entropy at kept perturbations, weighed by how sure the model is of the picture (Liu et al. 2024, sec. 5).

    sum w·l / sum w, w the clean picture's probability of its label, in eval mode and without a gradient. As in
    `adaptive_target` perturbations are never drawn anew.
    """
    moved = stored(batch, 1, lambda square: torch.full_like(square, step * batch.threat.eps))
    loss = cross_entropy(batch.model(moved.x_adv), batch.y, reduction="none")
    if batch.progress < warmup:
        return loss.mean()
    with asking(batch.model) as model, torch.no_grad():
        weight = model(batch.x).softmax(1).gather(1, batch.y[:, None])[:, 0]
    batch.notes["weight"] = float(weight.mean())
    value: Tensor = (weight * loss).sum() / weight.sum()
    return value
