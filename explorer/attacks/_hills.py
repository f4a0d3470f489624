"""What gradient attacks climb beside a goal's log odds: the gap between two logits, and the DLR loss."""

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.goals import Goal


def likeliest(logits: Tensor, goal: Goal, count: int) -> Tensor:
    """Return the classes other than the label's by falling logit, (N, at most `count`)."""
    others = logits.scatter(1, goal.labels[:, None], float("-inf"))
    return others.topk(min(count, logits.shape[1] - 1), dim=1).indices


@dataclass(frozen=True, eq=False, slots=True)
class Gap:
    """The logit of where to go less that of where from: z_r - z_y, or towards a wanted class z_t - z_r.

    rival : (N,) int64 the class r, or None: at each point the strongest but the label's, so that the
        height is minus the goal's margin
    """

    goal: Goal
    rival: Tensor | None = None

    def __getitem__(self, rows: Tensor) -> "Gap":
        """Return the gap of some of the images."""
        return Gap(self.goal[rows], None if self.rival is None else self.rival[rows])

    def height(self, logits: Tensor) -> Tensor:
        """Return the difference, (N,)."""
        to, away = self.ends(logits)
        return _of(logits, to) - _of(logits, away)

    def uphill(self, logits: Tensor) -> Tensor:
        """Return its gradient, (N, K): 1 and -1."""
        to, away = (end[:, None] for end in self.ends(logits))
        return torch.zeros_like(logits).scatter_(1, to, 1.0).scatter_(1, away, -1.0)

    def ends(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the class to go to and that to leave, (N,) each."""
        rival = likeliest(logits, self.goal, 1)[:, 0] if self.rival is None else self.rival
        return (self.goal.labels, rival) if self.goal.targeted else (rival, self.goal.labels)


@dataclass(frozen=True, eq=False, slots=True)
class Dlr:
    """The difference of logits ratio: a gap over the logits' own scale (Croce & Hein 2020, eqs. 6 and 7).

    Away from y, with the classes p1, p2, ... by falling logit: -(z_y - max_{i != y} z_i) / (z_p1 - z_p3)
    of eq. 6. With a rival, or towards a wanted class: the gap over z_p1 - (z_p3 + z_p4) / 2 of eq. 7.
    Where y itself is third, eq. 6 is 1 whatever the logits are, and without a gradient: there the
    fourth takes the third's place. With fewer than four classes there is no such scale: the gap alone.
    """

    gap: Gap

    def __getitem__(self, rows: Tensor) -> "Dlr":
        """Return the loss of some of the images."""
        return Dlr(self.gap[rows])

    def height(self, logits: Tensor) -> Tensor:
        """Return the loss, (N,)."""
        height = self.gap.height(logits)
        if logits.shape[1] < 4:
            return height
        first, *ends = self._scale(logits)
        scale = _of(logits, first) - torch.stack([_of(logits, end) for end in ends]).mean(0)
        return height / scale.clamp_min(torch.finfo(scale.dtype).tiny)

    def uphill(self, logits: Tensor) -> Tensor:
        """Return the loss's gradient times its scale, (N, K): the gap's less the loss times the scale's."""
        slope = self.gap.uphill(logits)
        if logits.shape[1] < 4:
            return slope
        height = self.height(logits)[:, None]
        first, *ends = self._scale(logits)
        slope.scatter_add_(1, first[:, None], -height)
        for end in ends:
            slope.scatter_add_(1, end[:, None], height / len(ends))
        return slope

    def _scale(self, logits: Tensor) -> tuple[Tensor, ...]:
        """Return the class at the upper end of the scale, and that or those at its lower end, (N,) each."""
        first, _, third, fourth = logits.topk(4, dim=1).indices.unbind(1)
        if self.gap.goal.targeted or self.gap.rival is not None:
            return first, third, fourth
        return first, torch.where(third == self.gap.goal.labels, fourth, third)


def _of(logits: Tensor, classes: Tensor) -> Tensor:
    return logits.gather(1, classes[:, None])[:, 0]
