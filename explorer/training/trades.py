"""TRADES: a loss of its own for accuracy and one for a steady answer."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div

from explorer.core.device import normal
from explorer.core.goals import ascent
from explorer.core.knobs import Real, Whole
from explorer.core.norms import project, steepest
from explorer.training import recipe
from explorer.training._asking import asking
from explorer.training.batch import Batch

NUDGE = 1e-3  # the attack's first move: at the picture itself the divergence has no slope


@dataclass(frozen=True, eq=False, slots=True)
class Divergence:
    """A hill of KL(p, softmax(logits)), the distance of answers from those given on clean pictures.

    p : (N, K) the clean probabilities
    """

    p: Tensor

    def height(self, logits: Tensor) -> Tensor:
        """Return the divergence, (N,)."""
        return kl_div(logits.log_softmax(1), self.p, reduction="none").sum(1)

    def uphill(self, logits: Tensor) -> Tensor:
        """Return its gradient in the logits, (N, K): softmax(logits) - p."""
        return logits.softmax(1) - self.p


@recipe("TRADES", paper="arXiv:1901.08573")
def trades(
    batch: Batch,
    *,
    beta: Annotated[float, Real(0.0, 20.0, "weight of the steady answer against the right one")] = 6.0,
    steps: Annotated[int, Whole(1, 50, "gradient steps of the attack in training")] = 10,
    step: Annotated[float, Real(0.005, 2.0, "length of a step as a fraction of eps")] = 0.25,
) -> Tensor:
    """Mean clean cross-entropy + beta · KL(clean answer, answer within the budget) (Zhang et al. 2019, eq. 5).

    The point in the budget is found by climbing that divergence, from the picture moved by Gaussian noise of 0.001;
    the attack runs in eval mode. The paper's 1/lambda is `beta`. Batch norm sees clean and attacked pictures as one
    batch; the authors' code passes them one after the other.
    """
    eps, norm = batch.threat.eps, batch.threat.norm
    batch.notes["eps"] = eps
    with asking(batch.model) as model:
        with torch.no_grad():
            hill = Divergence(model(batch.x).softmax(1))
        noise = normal(batch.x.shape, batch.rng, batch.x.device)
        x_t = (batch.x + project(NUDGE * noise, norm, eps)).clamp(0, 1)
        for _ in range(steps):
            _, gradient = ascent(model, x_t, hill)
            x_t = x_t + steepest(gradient, norm).mul_(step * eps)
            x_t = (batch.x + project(x_t - batch.x, norm, eps)).clamp(0, 1)
    # one pass for both, so that batch norm sees clean and attacked pictures alike
    clean, attacked = batch.model(torch.cat([batch.x, x_t])).chunk(2)
    steady = kl_div(attacked.log_softmax(1), clean.log_softmax(1), reduction="batchmean", log_target=True)
    return cross_entropy(clean, batch.y) + beta * steady
