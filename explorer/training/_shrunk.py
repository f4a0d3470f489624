"""The proximal step of the 1-path-norm: all hidden units at once."""

import torch
from torch import Tensor


def shrunk(out: Tensor, into: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """Return, for each of H units, the x and y that minimise |x - v|²/2 + |y - w|²/2 + weight·|x|₁·|y|₁.

    out : (H, p), v of each unit, its outgoing weights; into : (H, m), w, its incoming ones

    The minimiser keeps signs and, of the sizes in falling order, a first few: for every pair of counts (i, j) with
    weight²·i·j < 1 the stationary point is closed, and all of them are tried, with x = 0 and y = 0 beside them.
    Latorre et al. 2020 (PMLR 119), theorem 1 and algorithm 3, whose walk along candidate pairs is left out: in O(H·p·m)
    numbers, in float64.
    """
    a, order_a = out.double().abs().sort(1, descending=True)
    b, order_b = into.double().abs().sort(1, descending=True)
    pairs = zip(_best(a, b, weight), (order_a, order_b), strict=True)
    x, y = (torch.zeros_like(sizes).scatter(1, order, sizes) for sizes, order in pairs)
    return (x * out.sign()).to(out.dtype), (y * into.sign()).to(into.dtype)


def _best(a: Tensor, b: Tensor, lam: float) -> tuple[Tensor, Tensor]:
    """Return the minimisers for sizes in falling order, (H, p) and (H, m)."""
    p, m = a.shape[1], b.shape[1]
    i = torch.arange(1, p + 1, device=a.device, dtype=a.dtype)[None, :, None]
    j = torch.arange(1, m + 1, device=a.device, dtype=a.dtype)[None, None, :]
    sum_a, sum_b = a.cumsum(1)[:, :, None], b.cumsum(1)[:, None, :]
    room = 1 - lam * lam * i * j
    # of the kept entries: |x|_1 and |y|_1, (H, p, m)
    length_x = (sum_a - lam * i * sum_b) / room
    length_y = (sum_b - lam * j * sum_a) / room
    least_a, least_b = a[:, :, None], b[:, None, :]  # the smallest entries that are kept
    holds = (room > 0) & (length_x >= 0) & (length_y >= 0) & (least_a >= lam * length_y) & (least_b >= lam * length_x)
    rest_a = a.square().sum(1)[:, None, None] - a.square().cumsum(1)[:, :, None]
    rest_b = b.square().sum(1)[:, None, None] - b.square().cumsum(1)[:, None, :]
    cost = rest_a + rest_b + i * (lam * length_y) ** 2 + j * (lam * length_x) ** 2 + 2 * lam * length_x * length_y
    cost = torch.where(holds, cost / 2, torch.inf).flatten(1)
    found, place = cost.min(1)
    unit = torch.arange(len(a), device=a.device)
    x_off, y_off = (lam * length.flatten(1)[unit, place][:, None] for length in (length_y, length_x))
    kept_a = torch.arange(p, device=a.device) <= (place // m)[:, None]
    kept_b = torch.arange(m, device=a.device) <= (place % m)[:, None]
    x, y = torch.where(kept_a, a - x_off, 0.0), torch.where(kept_b, b - y_off, 0.0)
    no_x, no_y = a.square().sum(1) / 2, b.square().sum(1) / 2  # x = 0, y = w; and x = v, y = 0
    alone = no_x.minimum(no_y) <= found
    without_x, without_y = (alone & (no_x <= no_y))[:, None], (alone & (no_y < no_x))[:, None]
    x, y = torch.where(without_y, a, x), torch.where(without_x, b, y)
    return torch.where(without_x, 0.0, x), torch.where(without_y, 0.0, y)
