"""The pictures that a certificate speaks of: a ball around each, cut to the pixels' range."""

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.norms import DUAL, Norm, length


@dataclass(frozen=True, eq=False, slots=True)
class Ball:
    """All x' with |x' - x| <= eps in a norm and, with `box`, in [0, 1].

    x : (N, ...) the centres
    eps : (N,) one radius for each
    """

    x: Tensor
    norm: Norm
    eps: Tensor
    box: bool = True

    def __getitem__(self, rows: slice | Tensor) -> "Ball":
        """Return the balls of some pictures."""
        return Ball(self.x[rows], self.norm, self.eps[rows], self.box)

    @property
    def limits(self) -> tuple[Tensor, Tensor]:
        """The least and the largest value of each pixel in the ball, (N, ...) each."""
        eps = self.eps.view(-1, *[1] * (self.x.ndim - 1))
        low, high = self.x - eps, self.x + eps
        return (low.clamp_min(0), high.clamp_max(1)) if self.box else (low, high)

    def least(self, rows: Tensor) -> Tensor:
        """Return a lower bound of rows · x' over each ball, (N, R); exact for linf.

        rows : (N, R, ...), the shape of a picture behind R
        For l2 and l1 the better one of the ball's bound, by the dual norm, and the box's.
        """
        low, high = (side[:, None] for side in self.limits)
        boxed = (rows.clamp_min(0) * low + rows.clamp_max(0) * high).flatten(2).sum(2)
        if self.norm == "linf":
            return boxed
        centre = (rows * self.x[:, None]).flatten(2).sum(2)
        reach = length(rows.flatten(0, 1), DUAL[self.norm]).view(rows.shape[:2])
        return torch.maximum(centre - self.eps[:, None] * reach, boxed)
