"""The polyhedral envelope."""

from typing import Annotated

import torch
from torch import Tensor

from explorer.attacks._walls import to_plane
from explorer.certificates import certificate
from explorer.certificates._affine import ROUNDING
from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._relax import adaptive, chord
from explorer.certificates.ball import Ball, least_between
from explorer.certificates.network import Network
from explorer.core.device import whole_float32
from explorer.core.knobs import Choice
from explorer.core.norms import DUAL, length
from explorer.core.progress import Tick, silent

LINES = {"crown": adaptive, "fast_lin": chord}
SURE = 1 - 1e-5  # of a distance: more than float32 sums err by


@certificate("Polyhedral envelope", norms=("linf", "l2", "l1"), gives="radius", search=True, paper="arXiv:1912.04792")
def envelope(
    net: Network,
    ball: Ball,
    labels: Tensor,
    *,
    bound: Annotated[str, Choice(tuple(LINES), "which lines make the planes")] = "crown",
    tick: Tick = silent,
) -> Tensor:
    """Bound the margins from below by planes that hold in the whole ball, and go as far as the nearest lets.

    Where U_i · x' + v_i > 0 for all classes i, the label is certain; these half-spaces hold a polyhedron, the envelope,
    around the picture. The distance to its nearest face, at most the ball's radius, as the planes hold nothing outside,
    is certified also where the whole ball is not. In the box, the distance is the least change inside the box that
    reaches the face: the paper's greedy search, which freezes pixels at their walls, here carried to its end.

    Returns
    -------
    (N,): certified radii from 0 to the ball's; the ball's wherever all margins of the bound are above 0 in it.

    References
    ----------
    Liu, Salzmann & Süsstrunk 2023, arXiv:1912.04792: the certifier PEC, and its greedy search in the box.
    """
    rows, shift = faces(net, ball, labels, bound, tick)
    nearest = distances(ball, rows, shift).scatter(1, labels[:, None], torch.inf).amin(1)
    whole = (lowest(ball, labels, rows, shift) > 0).all(1)
    return torch.where(whole, ball.eps, torch.minimum(nearest.clamp_min(0), ball.eps))


@whole_float32()
def faces(net: Network, ball: Ball, labels: Tensor, bound: str, tick: Tick = silent) -> tuple[Tensor, Tensor]:
    """Return the planes of the envelopes: rows (N, K, *shape) of the pixels, and shifts (N, K); 0 at the label.

    bound : a key of `LINES`
    """
    return planes(net, ball, labels, by_rows(net, ball, LINES[bound], tick))


def distances(ball: Ball, rows: Tensor, shift: Tensor) -> Tensor:
    """Return how far each plane rows · x' + shift = 0 is from the centres, (N, R), rounded down; below 0 beyond it.

    In the box, infinite where no point of the box is on the plane. Without it, differentiable.
    """
    value = least_between(rows, ball.x, ball.x) + shift - ROUNDING * shift.abs()
    if not ball.box:
        slope = length(rows.flatten(0, 1), DUAL[ball.norm]).view_as(value)
        return value / slope.clamp_min(torch.finfo(value.dtype).tiny) * SURE
    w, x = rows.flatten(2), ball.x.flatten(1)[:, None]
    fall = (w.abs() * torch.where(w < 0, 1 - x, x)).sum(2)  # to the corner of the box that is deepest
    delta = to_plane(x.expand_as(w).flatten(0, 1), w.flatten(0, 1), -value.clamp_min(0).flatten(), ball.norm)
    away = length(delta, ball.norm).view_as(value) * SURE
    return torch.where(value <= 0, value.clamp_max(0), torch.where(value > fall * (1 + ROUNDING), torch.inf, away))
