"""The regulariser of polyhedral envelopes: how near the planes are, with gradients for what they are made of."""

import torch
from torch import Tensor

from explorer.certificates._lines import by_intervals, by_rows, planes
from explorer.certificates._relax import chord
from explorer.core.errors import UserError
from explorer.core.norms import Norm
from explorer.training._proved import ball_of, bounded
from explorer.training.batch import Batch

ROUNDS = 20
INNER = {"substitution": by_rows, "intervals": by_intervals}


def nearness(batch: Batch, points: Tensor, share: float, part: float, nearest: int, inner: str) -> Tensor:
    """Return the mean over pictures of sum_{t <= nearest} max(0, 1 - d_t / alpha), d_1 <= d_2 <= ... (Liu et al. 2023).

    d are the signed distances of `points`, one for each picture of the batch, from the planes of the envelope that
    Fast-Lin draws around the picture itself, the label's own left out; alpha is the budget of the moment, `share` of
    the whole one.

    part : of the batch, its first pictures: bounds are dear
    inner : how inner layers are bounded, a key of `INNER`
    """
    if batch.threat.norm not in ("linf", "l2"):
        raise UserError(f"Envelopes train in linf or l2, and not in {batch.threat.norm}.")
    count = max(1, round(part * len(batch.x)))
    ball, labels = ball_of(batch, share, count), batch.y[:count]
    rows, shift = bounded(batch, ball, lambda net, of, to: planes(net, of, to, INNER[inner](net, of, chord)))
    d = distances(points[:count], rows, shift, ball.norm).scatter(1, labels[:, None], float("inf"))
    d = d.topk(min(nearest, d.shape[1] - 1), dim=1, largest=False).values
    return (1 - d / (batch.threat.eps * share)).clamp_min(0).sum(1).mean()


def distances(x: Tensor, rows: Tensor, shift: Tensor, norm: Norm) -> Tensor:
    """Return the signed distance of each picture to each plane within [0, 1], (N, K): negative on its wrong side.

    x : (N, ...); rows : (N, K, ...) and shift : (N, K), of planes rows · x' + shift = 0
    norm : "linf" or "l2"

    The shortest way moves every pixel by t · |row|^p, p = 0 for linf and 1 for l2, but no farther than to the end of
    its range; pixels that stand there are left out of the sum and t is found anew, until no other is beyond (at most
    `ROUNDS` times; the greedy search of Liu et al. 2023). A plane that no picture reaches is very far.

    The certificate of the envelope rounds down, ends at 0 and has no gradient in the box; here a plane on whose wrong
    side a picture lies pulls, too.
    """
    x, u = x.flatten(1)[:, None], rows.flatten(2)
    height = (u * x).sum(2) + shift  # (N, K)
    slope = u.abs()
    down = (u > 0) == (height[..., None] > 0)  # the pixels that fall on the way
    room = torch.where(down, x, 1 - x)
    pace = torch.ones_like(slope) if norm == "linf" else slope
    with torch.no_grad():
        free = room > 0
        for _ in range(ROUNDS):
            beyond = free & (room < pace * _time(height, slope, pace, room, free)[..., None])
            if not beyond.any():
                break
            free &= ~beyond
    t = _time(height, slope, pace, room, free)
    if norm == "linf":
        return height.sign() * t
    moved = torch.where(free, slope * t[..., None], room)
    return height.sign() * (moved.square().sum(2) + 1e-12).sqrt()


def _time(height: Tensor, slope: Tensor, pace: Tensor, room: Tensor, free: Tensor) -> Tensor:
    """Return t, (N, K), where the `free` pixels move by pace · t, the others as far as there is room."""
    stopped = (slope * room).masked_fill(free, 0).sum(2)
    rate = (slope * pace).masked_fill(~free, 0).sum(2)
    return (height.abs() - stopped).clamp_min(0) / rate.clamp_min(1e-9)
