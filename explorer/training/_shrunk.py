"""The proximal step of the 1-path-norm: all hidden units at once."""

import torch
from torch import Tensor


def shrunk(out: Tensor, into: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """Return, for each of H units, the x and y that minimise |x - v|²/2 + |y - w|²/2 + weight·|x|₁·|y|₁.

    out : (H, p), v of each unit, its outgoing weights; into : (H, m), w, its incoming ones

    The minimiser keeps signs and, of the sizes in falling order, a first few: i of x and j of y with weight²·i·j < 1,
    where the stationary point is closed. For each i one j is possible, the entry up to which the sizes stay above
    weight·|x|₁: it is searched by halving, and the best of the p pairs is taken, with x = 0 and y = 0 beside them.
    Latorre et al. 2020 (PMLR 119), theorem 1; their algorithm 3 walks along the pairs, a unit at a time. In float64.
    """
    a, order_a = out.double().abs().sort(1, descending=True)
    b, order_b = into.double().abs().sort(1, descending=True)
    pairs = zip(_best(a, b, weight), (order_a, order_b), strict=True)
    x, y = (torch.zeros_like(sizes).scatter(1, order, sizes) for sizes, order in pairs)
    return (x * out.sign()).to(out.dtype), (y * into.sign()).to(into.dtype)


def _best(a: Tensor, b: Tensor, lam: float) -> tuple[Tensor, Tensor]:
    """Return the minimisers for sizes in falling order, (H, p) and (H, m)."""
    i = torch.arange(1, a.shape[1] + 1, device=a.device, dtype=a.dtype)[
        None
    ]  # all below is (H, p): a column for each i
    sum_a = a.cumsum(1)
    kept = _kept(b, sum_a, i, lam)
    j, sum_b = kept.to(a.dtype), _first(b.cumsum(1), kept)
    room = 1 - lam * lam * i * j
    length_x, length_y = (sum_a - lam * i * sum_b) / room, (sum_b - lam * j * sum_a) / room  # |x|_1 and |y|_1
    holds = (length_x >= 0) & (a >= lam * length_y)
    rest = a.square().sum(1, keepdim=True) - a.square().cumsum(1)
    rest += b.square().sum(1, keepdim=True) - _first(b.square().cumsum(1), kept)
    cost = rest + i * (lam * length_y) ** 2 + j * (lam * length_x) ** 2 + 2 * lam * length_x * length_y
    found, place = torch.where(holds, cost / 2, torch.inf).min(1, keepdim=True)  # (H, 1), as all below
    x_off, y_off = (lam * length.gather(1, place) for length in (length_y, length_x))
    x = torch.where(i <= place + 1, a - x_off, 0.0)
    y = torch.where(torch.arange(1, b.shape[1] + 1, device=b.device)[None] <= kept.gather(1, place), b - y_off, 0.0)
    no_x, no_y = (size.square().sum(1, keepdim=True) / 2 for size in (a, b))  # x = 0, y = w; and x = v, y = 0
    alone = no_x.minimum(no_y) <= found
    without_x, without_y = alone & (no_x <= no_y), alone & (no_y < no_x)
    x, y = torch.where(without_y, a, x), torch.where(without_x, b, y)
    return torch.where(without_x, 0.0, x), torch.where(without_y, 0.0, y)


def _kept(b: Tensor, sum_a: Tensor, i: Tensor, lam: float) -> Tensor:
    """Return how many entries of y are kept where i of x are, (H, p).

    The j-th is where b_j > lam·|x|_1 at the stationary point of j - 1 entries, that is, where
    b_j + lam²·i·(sum of the first j - 1, less (j - 1)·b_j) > lam·sum_a. As j grows to 1 / (lam²·i) this falls.
    """
    m = b.shape[1]
    lead = b.cumsum(1) - torch.arange(1, m + 1, device=b.device) * b
    low = torch.zeros_like(sum_a, dtype=torch.int64)
    high = low + (1 / (lam * lam * i).clamp_min(1e-12)).ceil().sub(1).clamp(0, m).long()
    for _ in range(m.bit_length()):
        middle = (low + high + 1) // 2  # the entry in question, from 1; 0 once low = high = 0
        entry = (middle - 1).clamp_min(0)
        stays = b.gather(1, entry) + lam * lam * i * lead.gather(1, entry) > lam * sum_a
        low, high = torch.where(stays & (middle > 0), middle, low), torch.where(stays, high, (middle - 1).clamp_min(0))
    return low


def _first(sums: Tensor, count: Tensor) -> Tensor:
    """Return running sums (H, m) up to so many entries, (H, p); 0 for none."""
    return torch.where(count > 0, sums.gather(1, (count - 1).clamp_min(0)), 0.0)
