"""The loss after a single step of the attack."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.attacks.pgd import pgd as pgd_attack
from explorer.core.goals import Goal
from explorer.training._asking import asking
from explorer.training.batch import Batch


def one_step(batch: Batch, step: float, random_start: bool) -> Tensor:
    """Return the mean cross-entropy after one step of `step` times eps, put back into the budget."""
    batch.notes["eps"] = batch.threat.eps
    with asking(batch.model) as model:
        x_adv = pgd_attack(
            model, batch.x, Goal(batch.y), batch.threat, steps=1, step=step, random_start=random_start, rng=batch.rng
        )
    return cross_entropy(batch.model(x_adv), batch.y)
