"""Fast adversarial training whose targets give way where a picture is hard."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training._stored import stored
from explorer.training.batch import Batch


@recipe("Adaptive targets, one step on a kept perturbation", paper="arXiv:2112.07324")
def adaptive_target(
    batch: Batch,
    *,
    rho: Annotated[float, Real(0.0, 0.999, "weight of earlier epochs in a picture's mean answer")] = 0.9,
    beta: Annotated[float, Real(0.0, 1.0, "share of the label in the target; the rest is the mean answer")] = 0.1,
    step: Annotated[float, Real(0.05, 4.0, "length of the step as a fraction of eps")] = 0.5,
    warmup: Annotated[float, Real(0.0, 1.0, "share of the training with the label alone")] = 0.13,
) -> Tensor:
    """Mean cross-entropy at kept perturbations against softened targets (Liu et al. 2024, sec. 5).

    t <- rho·t + (1 - rho)·(answer before the step); the target is beta·(label) + (1 - beta)·t. What a model fails to
    fit so has less of a claim on it: hard pictures are what robust overfitting comes from. t begins as the label.
    Perturbations are never drawn anew, as in the authors' code; defaults are theirs, eps = 8/255 being the unit.
    """
    moved = stored(batch, 1, lambda square: torch.full_like(square, step * batch.threat.eps))
    label = one_hot(batch.y, moved.logits.shape[1]).to(moved.logits.dtype)
    if batch.progress < warmup:
        return cross_entropy(batch.model(moved.x_adv), label)
    answer = batch.memory.rows("answer", batch.index, label)
    answer = torch.where(answer.sum(1, keepdim=True) > 0, answer, label)
    answer = rho * answer + (1 - rho) * moved.logits.softmax(1)
    batch.memory.put("answer", batch.index, answer)
    return cross_entropy(batch.model(moved.x_adv), beta * label + (1 - beta) * answer)
