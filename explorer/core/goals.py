"""What an attacker wants: any wrong class, or one chosen class."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


@dataclass(frozen=True, eq=False, slots=True)
class Goal:
    """Untargeted: away from `labels`. Targeted: towards `labels`.

    labels : (N,) int64, the true classes or the wanted ones.
    """

    labels: Tensor
    targeted: bool = False

    def __getitem__(self, index: Tensor | slice) -> "Goal":
        """Return the goal of some of the images."""
        return Goal(self.labels[index], self.targeted)

    def margin(self, logits: Tensor) -> Tensor:
        """Return how far the attack is from its goal, (N,); negative once it is reached.

        z_y - max of the others (untargeted), or max of the others - z_t (targeted).
        """
        own = logits.gather(1, self.labels[:, None])[:, 0]
        others = logits.scatter(1, self.labels[:, None], float("-inf")).amax(1)
        return others - own if self.targeted else own - others

    def reached(self, logits: Tensor) -> Tensor:
        """Return which images are where the attacker wants them, (N,) bool, by argmax."""
        hit = logits.argmax(1) == self.labels
        return hit if self.targeted else ~hit

    def loss(self, logits: Tensor) -> Tensor:
        """Return what the attacker ascends, (N,): cross-entropy, or its negative if targeted."""
        value = cross_entropy(logits, self.labels, reduction="none")
        return -value if self.targeted else value

    def uphill(self, logits: Tensor) -> Tensor:
        """Return the gradient, (N, K), of the goal's log odds: +-(log sum_{j != y} exp z_j - z_y)."""
        label = self.labels[:, None]
        away = logits.scatter(1, label, float("-inf")).softmax(1).scatter(1, label, -1.0)
        return -away if self.targeted else away


def ascent(model: torch.nn.Module, x: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    """Return (logits, gradient in x of the goal's log odds): one forward, one input-only backward.

    The loss's gradient is this times a positive factor per image, which float32 rounds to 0 where the
    model is sure (a gap of 17 between logits blunts it, one of 104 erases it) and would pass for
    robustness. The directions are the same, and attacks use no more.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        (gradient,) = torch.autograd.grad(logits, x, goal.uphill(logits.detach()))
    return logits.detach(), gradient
