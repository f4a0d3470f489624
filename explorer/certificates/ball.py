"""The pictures that a certificate speaks of: a ball around each, cut to the pixels' range."""

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.certificates._affine import ROUNDING
from explorer.core.norms import DUAL, Norm, length

ROUNDS = 20  # each freezes further pixels at their walls; most rows need three


@dataclass(frozen=True, eq=False, slots=True)
class Ball:
    """All x' with |x' - x| <= eps in a norm and, with `box`, in [0, 1].

    x : (N, ...) the centres, in [0, 1] with `box`
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

    def least(self, rows: Tensor, exact: bool = True) -> Tensor:
        """Return a lower bound of rows · x' over each ball, (N, R).

        rows : (N, R, ...), the shape of a picture behind R; (1, R, ...) the same for all
        exact : the minimum itself also where an l2 or l1 ball is cut by the box, at some times the cost;
            else there the better one of the ball's minimum, by the dual norm, and the limits'

        Rounded down, as `least_between` is.
        """
        low, high = self.limits
        boxed = least_between(rows, low, high)
        if self.norm == "linf":
            return boxed
        centre = least_between(rows, self.x, self.x)
        if exact and self.box:
            reach = self._furthest(rows.flatten(2))
        else:
            reach = self.eps[:, None] * length(rows.flatten(0, 1), DUAL[self.norm]).view(rows.shape[:2])
        return torch.maximum(boxed, centre - reach * (1 + ROUNDING))

    def _furthest(self, rows: Tensor) -> Tensor:
        """Return how far rows · x' falls below its value at the centre, at most, (N, R).

        By weak duality: any multiplier gives an upper bound, and the best one is found without a solver.
        """
        size = rows.abs()
        room = torch.where(rows < 0, 1 - self.x.flatten(1)[:, None], self.x.flatten(1)[:, None])
        eps, tiny = self.eps[:, None, None], torch.finfo(rows.dtype).tiny
        if self.norm == "l1":
            with torch.no_grad():  # the pixels of largest weight first, up to their walls, until eps is spent
                steep, order = size.expand_as(room).sort(2, descending=True)
                spent = room.gather(2, order).cumsum(2)
                last = (spent < eps).sum(2, keepdim=True)
                price = torch.where(last < size.shape[2], steep.gather(2, last.clamp_max(size.shape[2] - 1)), 0.0)
            return ((size - price).clamp_min(0) * room).sum(2) + (price * eps)[..., 0]
        with torch.no_grad():  # in proportion to the weights, those at their walls frozen
            t = eps / size.square().sum(2, keepdim=True).sqrt().clamp_min(tiny)
            for _ in range(ROUNDS):
                free = t * size < room
                left = eps.square() - (room.square() * ~free).sum(2, keepdim=True)
                slope = (size.square() * free).sum(2, keepdim=True)
                further = torch.where((slope > 0) & (left > 0), (left / slope.clamp_min(tiny)).sqrt(), t)
                if (further <= t * (1 + 1e-6)).all():
                    break
                t = torch.maximum(t, further)
            t = t.clamp_min(1e-30)
        step = torch.minimum(t * size, room)
        return (size * step - step.square() / (2 * t)).sum(2) + (eps.square() / (2 * t))[..., 0]


def dot(rows: Tensor, values: Tensor) -> Tensor:
    """Return rows · values, (N, R), of rows (N, R, ...) and values (N, ...); 1 in place of either N stands for all."""
    flat, value = rows.flatten(2), values.flatten(1)
    if len(flat) == 1:
        return value @ flat[0].T
    return flat @ value[0] if len(value) == 1 else torch.bmm(flat, value[:, :, None])[:, :, 0]


def least_between(rows: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return the minimum of rows · z over low <= z <= high, (N, R), less `ROUNDING` of the size of its terms."""
    middle = torch.lerp(low, high, 0.5)
    return torch.sub(dot(rows, middle), dot(rows.abs(), slack(middle, high)), alpha=1 + ROUNDING)


def slack(middle: Tensor, high: Tensor) -> Tensor:
    """Return how far a value reaches each way from its middle, and `ROUNDING` of the middle's own size further."""
    return torch.add(high - middle, middle.abs(), alpha=ROUNDING)
