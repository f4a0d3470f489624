"""A network in a ball as a mixed-integer programme: what is linear in pixels and open units, and which is which."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds as Range
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from torch import Tensor

from explorer.certificates._aside import aside
from explorer.certificates._back import Bounds
from explorer.certificates._dense import dense
from explorer.certificates.network import INPUT, Network
from explorer.core.errors import UserError
from explorer.core.norms import Norm
from explorer.core.results import Array

RELAXED = 2e-6  # of the largest logit: how far behind a rival counts as level, for every rounding on the way
GAP = 1e-5  # between the solver's two sides, at which it stops, relative
SURE = 1 - 1e-4  # of the solver's lower bound
WIDER = 1e-5  # of their size: how much wider bounds of units are taken than float32 computed them


@dataclass(frozen=True, eq=False, slots=True)
class Answer:
    """How near a rival class is: no nearer than `low`; `x` is where the solver met it, None where it did not.

    low : infinite where it is nowhere in the ball
    """

    low: float
    x: Array | None


@dataclass(frozen=True, eq=False, slots=True)
class Programme:
    """The network over a ball around one picture, exact there.

    The variables are d pixels, u values of open ReLUs (those whose input may have either sign), u switches, 0 or 1,
    and the distances.

    logits, shift : (K, d + u) and (K,), the logits in the first two
    rows, limit : rows · (pixels, values, switches) <= limit
    tops : (u,), the largest values; low, high : (d,) the pixels' limits; x : (d,)
    """

    logits: csr_array
    shift: Array
    rows: csr_array
    limit: Array
    tops: Array
    low: Array
    high: Array
    x: Array


def programme(net: Network, x: Tensor, limits: Bounds, bounds: Mapping[int, Bounds]) -> Programme:
    """Write a network down as a mixed-integer programme around one picture x (1, ...).

    limits : of the pixels; bounds : of each step that goes into a ReLU, (1, *shape) each

    A ReLU y = max(z, 0) with l <= z <= u is y >= z, y >= 0, y <= z - l·(1 - a), y <= u·a with a switch a; where l and
    u have one sign it is z or 0. Tjeng, Xiao & Tedrake 2019 (arXiv:1711.07356), eqs. 5 to 7.

    Raises `UserError` for a network with maxima.
    """
    sides = {i: _widened(bounds[step.sources[0]]) for i, step in enumerate(net.steps) if step.kind == "relu"}
    d, u = x.numel(), sum(int(((low < 0) & (high > 0)).sum()) for low, high in sides.values())
    values = {INPUT: (csr_array(eye_array(d, d + u)), np.zeros(d))}
    rows, limit, tops, used = [csr_array((0, d + 2 * u))], [np.zeros(0)], [np.zeros(0)], 0
    for i, step in enumerate(net.steps):
        weight, shift = values[step.sources[0]]
        if step.affine is not None:
            own, own_shift = dense(step.affine, x)
            values[i] = csr_array(csr_array(own) @ weight), own @ shift + own_shift
        elif step.kind == "sum":
            other, other_shift = values[step.sources[1]]
            values[i] = csr_array(weight + other), shift + other_shift
        elif step.kind == "relu":
            low, high = sides[i]
            free, on = ((low < 0) & (high > 0)).nonzero()[0], (low >= 0).astype(float)
            n = len(free)
            place = csr_array((np.ones(n), (free, d + used + np.arange(n))), (len(low), d + u))
            switch = csr_array((np.ones(n), (np.arange(n), used + np.arange(n))), (n, u))
            z, y, none = csr_array(weight[free]), csr_array(place[free]), csr_array((n, u))
            least, most = low[free], high[free]
            rows += [
                hstack([z - y, none]),
                hstack([y - z, _scaled(switch, -least)]),
                hstack([y, _scaled(switch, -most)]),
            ]
            limit += [-shift[free], shift[free] - least, np.zeros(n)]
            values[i] = csr_array(_scaled(weight, on) + place), shift * on
            tops.append(most)
            used += n
        else:
            raise UserError(
                f"The exact answer knows no maxima, and this model has some ({step.name}): choose another certificate."
            )
    logits, shift = values[len(net.steps) - 1]
    low, high, centre = (side.flatten().double().cpu().numpy() for side in (*limits, x))
    return Programme(
        logits, shift, csr_array(vstack(rows)), np.concatenate(limit), np.concatenate(tops), low, high, centre
    )


def nearest(
    p: Programme, label: int, rival: int, norm: Norm, eps: float, *, floor: float, size: float, seconds: float
) -> Answer:
    """Return how near a point is, in linf or l1, whose logit of the rival reaches that of the label.

    On the safe side of what the solver rounds: the rival may stay `RELAXED` behind, and its bound is shortened.

    floor : a distance that nothing is nearer than
    size : of the logits; seconds : after which what is known by then is the answer
    """
    d, u = len(p.x), len(p.tops)
    spans = 1 if norm == "linf" else d
    count = d + 2 * u + spans
    duel = csr_array(p.logits[[label]] - p.logits[[rival]])
    apart = csr_array(np.ones((d, 1))) if norm == "linf" else csr_array(eye_array(d))
    pixels = csr_array(eye_array(d, d + 2 * u))
    rows = [
        hstack([p.rows, csr_array((len(p.limit), spans))]),
        hstack([duel, csr_array((1, u + spans))]),
        hstack([pixels, -apart]),
        hstack([-pixels, -apart]),
        hstack([csr_array((1, d + 2 * u)), np.ones((1, spans))]),
        hstack([csr_array((1, d + 2 * u)), -np.ones((1, spans))]),
    ]
    limit = np.concatenate([p.limit, [p.shift[rival] - p.shift[label] + RELAXED * size], p.x, -p.x, [eps, -floor]])
    low = np.concatenate([p.low, np.zeros(2 * u + spans)])
    high = np.concatenate([p.high, p.tops, np.ones(u), np.full(spans, eps)])
    cost, whole = np.zeros(count), np.zeros(count)
    cost[-spans:], whole[d + u : d + 2 * u] = 1, 1
    rules = LinearConstraint(csr_array(vstack(rows)), -np.inf, limit)
    settings = {"time_limit": seconds, "mip_rel_gap": GAP, "presolve": False}  # slower with it, and no surer
    with aside():
        found = milp(cost, integrality=whole, bounds=Range(low, high), constraints=rules, options=settings)
    if found.status == 2:
        return Answer(float("inf"), None)
    linear = found.fun if found.status == 0 else None  # what it is without switches
    known = found.mip_dual_bound if u else linear
    bound = 0.0 if known is None else max(0.0, float(known) * SURE)
    return Answer(bound, None if found.x is None else found.x[:d])


def _widened(side: Bounds) -> tuple[Array, Array]:
    low, high = (one[0].flatten().double().cpu().numpy() for one in side)
    room = WIDER * (np.abs(low) + np.abs(high))
    return low - room, high + room


def _scaled(rows: csr_array, by: Array) -> csr_array:
    return csr_array(rows.multiply(by[:, None]))
