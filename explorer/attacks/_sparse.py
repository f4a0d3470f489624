"""The rule of Auto-PGD's steps in l1: few coordinates at a time, as few as the best point has use for."""

import torch
from torch import Tensor

from explorer.attacks._climb import State, back_to_best
from explorer.attacks._walls import into_l1, movable

DENSER, WEAKER, LEAST = 1.5, 1.5, 10  # coordinates of a step, how a step shrinks, and down to which part of eps
FEWER = 0.95  # so many of the coordinates before are markedly fewer


class Sparse:
    """Croce & Hein 2021, arXiv:2103.01208, alg. 1: steps of length eps over the largest entries of the gradient.

    Every 4 % of the steps their number becomes that of the best point's changed coordinates over 1.5. Where
    those have become fewer the climb begins anew from the best point with steps of eps; else the steps shrink.
    Beside the paper: the largest entries are looked for among the coordinates that the pixel box lets move.
    """

    def __init__(self, eps: float, steps: int) -> None:
        self.eps, self.period = eps, max(int(0.04 * steps), 1)

    def begin(self, s: State) -> None:
        """Add the step's length and the number of changed coordinates."""
        s["step"] = s["x"].new_full((len(s["x"]),), self.eps)
        s["changed"] = _changed(s["x_t"], s["x"])

    def learn(self, s: State, i: int) -> None:
        """Look every few steps at how many coordinates the best point has changed."""
        if i % self.period:
            return
        changed = _changed(s["best"], s["x"])
        fewer = changed < FEWER * s["changed"]
        shorter = (s["step"] / WEAKER).clamp_min(self.eps / LEAST)
        s["step"], s["changed"] = torch.where(fewer, self.eps, shorter), changed
        back_to_best(s, fewer)

    def move(self, s: State, i: int) -> None:
        """Step by the signs of the largest entries, spread evenly, and back into ball and box."""
        flat = movable(s["x_t"], s["gradient"]).flatten(1)  # (M, d)
        count = (s["changed"] / DENSER).round().long().clamp(1, flat.shape[1])
        heights = flat.abs().topk(int(count.max()), dim=1).values
        sign = flat.sign() * (flat.abs() >= heights.gather(1, count[:, None] - 1))
        way = sign * (s["step"][:, None] / sign.abs().sum(1, keepdim=True).clamp_min(1))
        delta = s["x_t"] + way.view_as(s["x_t"]) - s["x"]
        s["x_t"] = (s["x"] + into_l1(s["x"], delta, self.eps)).clamp_(0, 1)


def _changed(x_t: Tensor, x: Tensor) -> Tensor:
    """Return how many values differ, (M,)."""
    return (x_t != x).flatten(1).sum(1).to(x.dtype)
