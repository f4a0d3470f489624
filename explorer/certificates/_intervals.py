"""Interval propagation: the least and the largest value of each step, one step after the other."""

import torch

from explorer.certificates._affine import ROUNDING, Affine
from explorer.certificates._back import Bounds
from explorer.certificates._trace import traced
from explorer.certificates.ball import Ball, slack
from explorer.certificates.network import INPUT, Network, Step
from explorer.core.progress import Tick, silent


def intervals(net: Network, ball: Ball, tick: Tick = silent, upto: int | None = None) -> dict[int, Bounds]:
    """Return bounds of every step over the ball: those of an affine step exact for the bounds of what goes in.

    upto : the last step that is asked for, `INPUT` for none; by default the last of all

    Gowal et al. 2018 (arXiv:1810.12715), sec. 3, for l_inf. Of an l2 or l1 ball, where intervals know the limits alone,
    the steps before the first ReLU or maximum are bounded by their rows' dual norms too.
    """
    bounds = {INPUT: ball.limits}
    direct = set() if ball.norm == "linf" else _last_affine(net)
    for index, step in enumerate(net.steps if upto is None else net.steps[: upto + 1]):
        tick(index, len(net.steps))
        bounds[index] = through(step, [bounds[source] for source in step.sources])
        if index in direct:
            bounds[index] = within(bounds[index], traced(net, ball, index, {}))
    return bounds


def within(a: Bounds, b: Bounds) -> Bounds:
    """Return the tighter of two bounds on each side."""
    return torch.maximum(a[0], b[0]), torch.minimum(a[1], b[1])


def is_exact(net: Network, ball: Ball, index: int) -> bool:
    """Return whether a step's interval is exact: at most one layer before it mixes the pixels' values."""
    return ball.norm == "linf" and index in affine_only(net) and _mixing(net, index) <= 1


def affine_only(net: Network) -> set[int]:
    """Return the steps that are affine in the picture."""
    found = {INPUT}
    for index, step in enumerate(net.steps):
        if step.kind in ("affine", "sum") and found.issuperset(step.sources):
            found.add(index)
    return found - {INPUT}


def _last_affine(net: Network) -> set[int]:
    """Return those of the steps that are affine in the picture that others go on from, or that end the net."""
    known = affine_only(net)
    used = {source for index, step in enumerate(net.steps) if index not in known for source in step.sources}
    return known & (used | {len(net.steps) - 1})


def _mixing(net: Network, index: int) -> int:
    if index == INPUT:
        return 0
    step = net.steps[index]
    mixes = step.kind == "sum" or (step.affine is not None and step.affine.mixes)
    return int(mixes) + sum(_mixing(net, source) for source in step.sources)


def through(step: Step, inputs: list[Bounds]) -> Bounds:
    """Return the bounds of one step from those of what goes into it."""
    low, high = inputs[0]
    if step.affine is not None:
        return _affine(step.affine, low, high)
    if step.kind == "relu":
        return low.clamp_min(0), high.clamp_min(0)
    if step.pool is not None:
        return step.pool(low), step.pool(high)
    return low + inputs[1][0], high + inputs[1][1]


def _affine(affine: Affine, low: torch.Tensor, high: torch.Tensor) -> Bounds:
    if affine.rises:
        return affine.value(low), affine.value(high)
    middle = torch.lerp(low, high, 0.5)
    value, radius = affine.value(middle), affine.spread(slack(middle, high))
    return torch.sub(value, radius, alpha=1 + ROUNDING), torch.add(value, radius, alpha=1 + ROUNDING)
