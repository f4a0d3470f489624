"""How steep one hidden layer can be at most: the largest value of a polynomial over a box, by linear programmes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, hstack

from explorer.certificates._dense import Shallow
from explorer.core.errors import UserError
from explorer.core.results import Array

COLUMNS = 100_000  # unknowns of the largest programme that is tried
ROUNDING = 1e-9  # of sums in float64, relative


@dataclass(frozen=True, eq=False, slots=True)
class Slopes:
    """The norm-gradient polynomial p(t, s) = t · (fixed + free · s), t in [-1, 1]^d, s in [0, 1]^m.

    Its largest value is at least the largest l1 norm of a margin's gradient: t are the signs of the gradient, s the
    slopes of those ReLUs that may be on or off. Latorre et al. 2020 (arXiv:2004.08688), eq. 6.

    fixed : (d,) of the ReLUs that are on everywhere; free : (d, m) of those that may be either, none of them 0
    """

    fixed: Array
    free: Array


def slopes(net: Shallow, rows: Array, low: Array | None = None, high: Array | None = None) -> Slopes:
    """Return the polynomial of one row (n,) on the hidden values: outer[y] - outer[k] for a margin.

    low, high : (d,) the box in which gradients are looked at; everywhere where not given
    """
    parts = net.inner.T * rows  # (d, n)
    on, off = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    if low is not None and high is not None:
        up, down = np.maximum(net.inner, 0), np.minimum(net.inner, 0)
        on = up @ low + down @ high + net.shift >= 0
        off = up @ high + down @ low + net.shift <= 0
    free = ~on & ~off & parts.any(0)
    return Slopes(parts[:, on].sum(1), parts[:, free])


def path(p: Slopes) -> float:
    """Return the 1-path norm's bound, the sum of all sizes."""
    return float(np.abs(p.fixed).sum() + np.abs(p.free).sum())


def halved(p: Slopes) -> float:
    """Return what is left of it with s = 1/2 + r/2, |r| <= 1: the middle's norm, and half of the free sizes."""
    return float(np.abs(p.fixed + p.free.sum(1) / 2).sum() + np.abs(p.free).sum() / 2)


def corners(p: Slopes) -> float:
    """Return the largest value itself, by all 2^m corners of s; p is convex in s once t is chosen best."""
    m, best = p.free.shape[1], 0.0
    numbers = np.arange(2**m)
    for some in np.array_split(numbers, max(1, len(numbers) // 4096)):
        s = (some[:, None] >> np.arange(m)) & 1
        best = max(best, float(np.abs(p.fixed + s @ p.free.T).sum(1).max()))
    return best


def krivine(p: Slopes, level: int, seconds: float = 60.0) -> float:
    """Return an upper bound of p over its box by Krivine's certificate of level 2 or 3, infinite where none was found.

    The least number L for which L - p is a sum of products of the factors 1 + t_i, 1 - t_i, s_j and 1 - s_j with
    weights c >= 0: a linear programme, with an equality for each monomial. Only products of variables that meet in p
    are used: of t_i and s_j (level 2), of t_i, s_j and s_k (level 3). What HiGHS returns satisfies the equalities to
    a tolerance only; as no monomial exceeds 1, the sum of what they miss, added to L, makes it a bound again.

    seconds : after which the programme counts as not solved

    Latorre et al. 2020 (arXiv:2004.08688), sec. 3, eq. 8.
    """
    scale = halved(p)
    d, m = p.free.shape
    if scale == 0 or m == 0:
        return float(np.abs(p.fixed).sum())
    pairs = level == 3 and m > 1
    products = _triples(d, m) if pairs else _doubles(d, m)
    goal = np.zeros(products.shape[0])
    goal[1 : 1 + d] = p.fixed / scale
    goal[1 + d + m : 1 + d + m + d * m] = p.free.ravel() / scale
    one = coo_array(([1.0], ([0], [0])), (len(goal), 1))
    equal = hstack([one, -products]).tocsc()
    cost = np.zeros(equal.shape[1])
    cost[0] = 1
    bounds = np.full((len(cost), 2), (0, np.inf))
    bounds[0] = -np.inf, np.inf
    found = linprog(cost, None, None, equal, goal, bounds, "highs-ipm", options={"time_limit": seconds})
    if found.status != 0:
        return float("inf")
    weights = np.concatenate([found.x[:1], found.x[1:].clip(0)])
    missed = np.abs(equal @ weights - goal).sum()
    return float((found.x[0] + missed) * scale * (1 + ROUNDING))


def _doubles(d: int, m: int) -> coo_array:
    """Return the products of level 2, by their monomials 1, t_i, s_j, t_i s_j: (monomials, products)."""
    i, j = (side.ravel() for side in np.meshgrid(np.arange(d), np.arange(m), indexing="ij"))
    count = _fits(4 * len(i))
    one, t, s, ts = np.zeros_like(i), 1 + i, 1 + d + j, 1 + d + m + i * m + j
    entries = []
    for number, (sign, (a, b)) in enumerate(itertools.product((1, -1), ((0, 1), (1, -1)))):
        columns = number * len(i) + np.arange(len(i))
        entries += [(one, columns, a), (t, columns, sign * a), (s, columns, b), (ts, columns, sign * b)]
    return _matrix(entries, 1 + d + m + d * m, count)


def _triples(d: int, m: int) -> coo_array:
    """Return the products of level 3; behind the monomials of level 2 come s_j s_k and t_i s_j s_k."""
    first, second = np.triu_indices(m, 1)
    q = len(first)
    i, pair = (side.ravel() for side in np.meshgrid(np.arange(d), np.arange(q), indexing="ij"))
    j, k = first[pair], second[pair]
    count = _fits(8 * len(i))
    base = 1 + d + m + d * m
    rows = {
        (0, 0, 0): np.zeros_like(i), (1, 0, 0): 1 + i, (0, 1, 0): 1 + d + j, (0, 0, 1): 1 + d + k,
        (1, 1, 0): 1 + d + m + i * m + j, (1, 0, 1): 1 + d + m + i * m + k,
        (0, 1, 1): base + pair, (1, 1, 1): base + q + i * q + pair,
    }  # fmt: skip
    entries = []
    for number, factors in enumerate(itertools.product(((1, 1), (1, -1)), ((0, 1), (1, -1)), ((0, 1), (1, -1)))):
        columns = number * len(i) + np.arange(len(i))
        for powers, where in rows.items():
            value = float(np.prod([factor[power] for factor, power in zip(factors, powers, strict=True)]))
            entries.append((where, columns, value))
    return _matrix(entries, base + q + d * q, count)


def _fits(columns: int) -> int:
    if columns > COLUMNS:
        raise UserError(
            f"The linear programme would have {columns:,} unknowns, and {COLUMNS:,} is the most that is tried: "
            "choose a lower level, a smaller model or a smaller radius."
        )
    return columns


def _matrix(entries: Sequence[tuple[Array, Array, float]], rows: int, columns: int) -> coo_array:
    kept = [(where, column, np.full(len(where), value)) for where, column, value in entries if value]
    where, column, value = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    return coo_array((value, (where, column)), (rows, columns))
