"""Ways inside the pixel box: those it lets a picture go, and the shortest into the l1 ball and to a hyperplane."""

import torch
from torch import Tensor

from explorer.core.norms import Norm

ROUNDS = 60  # far more than Newton's method needs: each finds more of the coordinates that stop
EXACT = 1e-6


def movable(x: Tensor, way: Tensor) -> Tensor:
    """Return the way, (N, ...), without the coordinates that the box stops: one at the wall cannot step beyond it."""
    return way * ~((x <= 0) & (way < 0) | (x >= 1) & (way > 0))


def into_l1(x: Tensor, delta: Tensor, eps: float) -> Tensor:
    """Return the nearest point to `delta`, (N, ...), that is at most `eps` long in l1 and keeps x + . in the box.

    Nearest in l2. It is sign(delta)·clamp(|delta| - t, 0, room up to the wall) with the least t >= 0 that
    is short enough (Croce & Hein 2021, arXiv:2103.01208, sec. 2); t by Newton's method in a bracket.
    """
    if eps == 0:
        return torch.zeros_like(delta)
    flat = delta.flatten(1)  # (N, d)
    size, room = flat.abs(), _room(x.flatten(1), flat)
    t = low = torch.zeros_like(size[:, :1])
    high = size.amax(1, keepdim=True)
    for _ in range(ROUNDS):
        left = size - t
        excess = left.clamp_min(0).minimum(room).sum(1, keepdim=True) - eps
        done = (excess.abs() <= EXACT * eps) | ((t == 0) & (excess < 0))
        if done.all():
            break
        low, high = torch.where(excess > 0, t, low), torch.where(excess > 0, high, t)
        guess = t + excess / ((left > 0) & (left < room)).sum(1, keepdim=True)
        inside = (guess > low) & (guess < high)
        t = torch.where(done, t, torch.where(inside, guess, (low + high) / 2))
    return (flat.sign() * (size - t).clamp_min(0).minimum(room)).view_as(delta)


def to_plane(x: Tensor, w: Tensor, rise: Tensor, norm: Norm) -> Tensor:
    """Return the shortest delta in `norm` with w·delta = rise and x + delta in the box, (..., N, d).

    x (..., N, d), w (N, d), rise (..., N). Where the box ends before the plane: as near as it lets.
    Croce & Hein 2020, arXiv:1907.02044, sec. 2. Every coordinate goes the way of its weight: in linf all
    by the same amount, in l2 in proportion to the weight, until their walls stop them, by Newton's method
    on a concave function, exact when no further one stops; in l1 the largest weights to their walls first.
    """
    top = w.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(w.dtype).tiny)
    w, rise = w / top, (rise / top[..., 0])[..., None]
    size, wanted, way = w.abs(), rise.abs(), w.sign() * rise.sign()
    room = _room(x, way)
    if norm == "l1":
        order = size.argsort(-1, descending=True).expand_as(room)
        gain = (size * room).gather(-1, order)
        before = gain.cumsum(-1) - gain
        part = ((wanted - before) / gain.clamp_min(torch.finfo(w.dtype).tiny)).clamp(0, 1)
        return way * room * torch.zeros_like(room).scatter_(-1, order, part)
    pace = torch.ones_like(size) if norm == "linf" else size
    t = torch.zeros_like(rise)
    for _ in range(ROUNDS):
        height = (t * pace).minimum(room)
        missing = wanted - (size * height).sum(-1, keepdim=True)
        slope = (size * pace * (height < room)).sum(-1, keepdim=True)
        if ((missing <= EXACT * wanted) | (slope == 0)).all():
            break
        t = torch.where(slope > 0, t + missing.clamp_min(0) / slope, t)
    return way * height


def _room(x: Tensor, way: Tensor) -> Tensor:
    """Return how far each value may go the way of its sign."""
    return torch.where(way > 0, 1 - x, x)
