"""The regulariser of polyhedral envelopes: how near the planes are, with gradients for what they are made of."""

import torch
from torch import Tensor

from explorer.certificates._back import differences
from explorer.certificates._lines import below, by_intervals, by_rows
from explorer.certificates._relax import chord
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.errors import UserError
from explorer.core.norms import Norm
from explorer.training._proved import bounded
from explorer.training.batch import Batch

ROUNDS = 20
INNER = {"substitution": by_rows, "intervals": by_intervals}


def chosen(logits: Tensor, labels: Tensor, part: float, closest: bool) -> Tensor:
    """Return which pictures of a batch have bounds, which are dear: the first, or those of the smallest margins."""
    count = max(1, round(part * len(labels)))
    if not closest:
        return torch.arange(count, device=labels.device)
    own = logits.detach().gather(1, labels[:, None])
    others = logits.detach().scatter(1, labels[:, None], float("-inf"))
    return (own[:, 0] - others.amax(1)).topk(count, largest=False).indices


def nearness(batch: Batch, points: Tensor, rows: Tensor, share: float, nearest: int, inner: str) -> Tensor:
    """Return the mean over pictures of sum_{t <= nearest} max(0, 1 - d_t / alpha), d_1 <= d_2 <= ... (Liu et al. 2023).

    d are the signed distances of `points`, one for each picture of the batch, from the planes of the envelope that
    Fast-Lin draws around the picture itself, the label's own left out; alpha is the budget of the moment, `share` of
    the whole one.

    rows : (M,) the pictures of the batch that count
    inner : how inner layers are bounded, a key of `INNER`
    """
    norm, alpha = batch.threat.norm, batch.threat.eps * share
    if norm not in ("linf", "l2"):
        raise UserError(f"Envelopes train in linf or l2, and not in {norm}.")

    def near(net: Network, ball: Ball, labels: Tensor) -> Tensor:
        lines, margins = INNER[inner](net, ball, chord), differences(labels, net.classes, ball.x)  # (M, K, K)
        with torch.no_grad():  # which are nearest: only those are made again, with gradients
            d = distances(points[rows], *below(net, margins, lines), norm).scatter(1, labels[:, None], float("inf"))
            first = d.topk(min(nearest, net.classes - 1), dim=1, largest=False).indices
        margins = margins.gather(1, first[..., None].expand(-1, -1, net.classes))
        return distances(points[rows], *below(net, margins, lines), norm)

    return (1 - bounded(batch, share, near, rows) / alpha).clamp_min(0).sum(1).mean()


def distances(x: Tensor, rows: Tensor, shift: Tensor, norm: Norm) -> Tensor:
    """Return the signed distance of each picture to each plane within [0, 1], (N, R): negative on its wrong side.

    x : (N, ...); rows : (N, R, ...) and shift : (N, R), of planes rows · x' + shift = 0
    norm : "linf" or "l2"

    The shortest way moves every pixel by t · |row|^p, p = 0 for linf and 1 for l2, but no farther than to the end of
    its range; pixels that stand there are left out and t is found anew, until no other is beyond (at most `ROUNDS`
    times; the greedy search of Liu et al. 2023). A plane that no picture reaches is very far.

    The certificate of the envelope rounds down, ends at 0 and has no gradient in the box; here a plane on whose wrong
    side a picture lies pulls, too. The gradient takes it as fixed which pixels stand at an end.
    """
    x, u = x.flatten(1)[:, None], rows.flatten(2)
    way = u.detach().sign() if norm == "linf" else u
    with torch.no_grad():
        falls = u.sign() * ((u * x).sum(2) + shift).sign()[..., None] > 0
        end = 1 - falls.to(x.dtype)
        room = (end - x).abs()
        free = (room > 0).to(x.dtype)
        for _ in range(ROUNDS):
            t = (_height(u, shift, x, end, free) / _slope(u, way, free)).abs()[..., None]
            stays = (free * room >= (t if norm == "linf" else t * way.abs())).to(x.dtype)
            if torch.equal(stays, free):
                break
            free = stays
    t = _height(u, shift, x, end, free) / _slope(u, way, free)
    if norm == "linf":
        return t
    stopped = (room.square() * (1 - free)).sum(2)
    return t.sign() * (t.square() * _slope(u, way, free) + stopped + 1e-12).sqrt()


def _height(u: Tensor, shift: Tensor, x: Tensor, end: Tensor, free: Tensor) -> Tensor:
    """Return how high planes are, (N, R), where all but the free pixels (1, not 0) are at their ends."""
    return (u * torch.lerp(end, x.expand_as(end), free)).sum(2) + shift


def _slope(u: Tensor, way: Tensor, free: Tensor) -> Tensor:
    """Return how fast the free pixels lower them."""
    return (u * (way * free)).sum(2).clamp_min(1e-9)
