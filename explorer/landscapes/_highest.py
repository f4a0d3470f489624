"""The iterate of an attack at which the loss is highest, and what that is."""

import torch
from torch import Tensor

from explorer.core.goals import Goal
from explorer.landscapes._loss import cross_entropies


class Highest:
    """What an iterative attack shows its iterates to, as it does to a `Track`: it keeps those of the highest loss.

    Of a surface the loss counts, not whether the answer turns: no picture is dropped, and the last iterate of steps of
    fixed length may lie lower than one before it.

    x : (N, ...) the clean pictures
    best : (N, ...), the iterates kept; loss : (N,) float64, right : (N,) bool, the cross-entropy and the answer there
    """

    def __init__(self, x: Tensor, goal: Goal) -> None:
        self.x, self.goal, self.best = x, goal, x.clone()
        self.loss = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)
        self.right = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        self.open = torch.arange(len(x), device=x.device)

    def restart(self) -> Tensor:
        """Return the pictures in play: all."""
        return self.open

    def see(self, x_t: Tensor, logits: Tensor) -> Tensor:
        """Note the iterates (N, ...); return who stays in play, (N,) bool: all."""
        loss = cross_entropies(logits, self.goal.labels)
        better = loss > self.loss
        self.best[better], self.loss[better] = x_t[better], loss[better]
        self.right[better] = (logits.argmax(1) == self.goal.labels)[better]
        return torch.ones_like(better)
