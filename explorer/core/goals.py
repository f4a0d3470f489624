"""What an attacker wants: any wrong class, or one chosen class."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError


class Hill(Protocol):
    """What a gradient attack climbs: a height per image, of which only the order counts, and the way up."""

    def height(self, logits: Tensor) -> Tensor:
        """Return how high each image is, (N,)."""

    def uphill(self, logits: Tensor) -> Tensor:
        """Return the height's gradient in the logits, (N, K), times any positive factor per image."""


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

    def height(self, logits: Tensor) -> Tensor:
        """Return the goal's log odds, (N,): +-(log sum_{j != y} exp z_j - z_y).

        The loss is a rising function of them, log(1 + exp(.)), or minus log(1 + exp(-.)) if targeted, and
        so orders images' iterates as they do; but they do not saturate where the model is sure.
        """
        away = logits.scatter(1, self.labels[:, None], float("-inf")).logsumexp(1)
        away = away - logits.gather(1, self.labels[:, None])[:, 0]
        return -away if self.targeted else away

    def uphill(self, logits: Tensor) -> Tensor:
        """Return the gradient, (N, K), of the goal's log odds."""
        label = self.labels[:, None]
        away = logits.scatter(1, label, float("-inf")).softmax(1).scatter(1, label, -1.0)
        return -away if self.targeted else away


def ascent(model: torch.nn.Module, x: Tensor, hill: Hill) -> tuple[Tensor, Tensor]:
    """Return (logits, gradient in x of the height of `hill`): one forward, one input-only backward.

    A `Goal`'s height is its log odds. The loss's gradient is theirs times a positive factor per image,
    which float32 rounds to 0 where the model is sure (a gap of 17 between logits blunts it, one of 104
    erases it) and would pass for robustness. The directions are the same, and attacks use no more.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        (gradient,) = torch.autograd.grad(logits, x, hill.uphill(logits.detach()))
    return logits.detach(), gradient


def known_labels(labels: Tensor, classes: int) -> None:
    """Refuse labels that a model does not have; on a GPU they would end the process."""
    if strangers := labels[(labels < 0) | (labels >= classes)].tolist():
        raise UserError(f"label = {strangers[0]} is not one of this model's classes, 0 to {classes - 1}.")
