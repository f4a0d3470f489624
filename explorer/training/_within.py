"""The loss at the worst picture that PGD finds, within the budget that a schedule allows at the moment."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.attacks.pgd import pgd as pgd_attack
from explorer.core.goals import Goal
from explorer.core.types import Threat
from explorer.training._asking import asking
from explorer.training.batch import Batch


def within(batch: Batch, share: float, steps: int, step: float) -> Tensor:
    """Return the mean cross-entropy at the last iterate of PGD within `share` of the batch's budget.

    The attack starts at a random point and runs on the model in eval mode (running batch statistics);
    its steps are `step` times the budget of the moment. The history gets that budget as "eps".
    """
    threat = Threat(batch.threat.norm, batch.threat.eps * share)
    batch.notes["eps"] = threat.eps
    with asking(batch.model) as model:
        x_adv = pgd_attack(model, batch.x, Goal(batch.y), threat, steps=steps, step=step, rng=batch.rng)
    return cross_entropy(batch.model(x_adv), batch.y)
