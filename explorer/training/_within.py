"""The worst pictures that PGD finds within the budget that a schedule allows at the moment, and the loss there."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.attacks.pgd import pgd as pgd_attack
from explorer.core.goals import Goal
from explorer.core.types import Threat
from explorer.training._asking import asking
from explorer.training.batch import Batch


def within(batch: Batch, share: float, steps: int, step: float) -> Tensor:
    """Return the mean cross-entropy at the last iterate of PGD within `share` of the batch's budget.

    The memory gets each picture's own ("loss"), where there is one.
    """
    logits = batch.model(reached(batch, share, steps, step))
    if batch.memory.size:
        each = cross_entropy(logits.detach(), batch.y, reduction="none")
        batch.memory.rows("loss", batch.index, each)
        batch.memory.put("loss", batch.index, each)
    return cross_entropy(logits, batch.y)


def reached(batch: Batch, share: float, steps: int, step: float, rows: slice = slice(None)) -> Tensor:
    """Return the last iterate of PGD within `share` of the batch's budget, from some of its pictures, (M, ...).

    The attack starts at a random point and runs on the model in eval mode (running batch statistics);
    its steps are `step` times the budget of the moment. The history gets that budget as "eps".
    """
    threat = Threat(batch.threat.norm, batch.threat.eps * share)
    batch.notes["eps"] = threat.eps
    x, goal = batch.x[rows], Goal(batch.y[rows])
    with asking(batch.model) as model:
        return pgd_attack(model, x, goal, threat, steps=steps, step=step, rng=batch.rng)
