"""What surfaces of accuracy say: how often each model is right over the plane, and whose weights may move farther."""

import numpy as np

from explorer.core.results import Losses, Planes, Terrain
from explorer.core.stats import Mean, Rate
from explorer.core.words import amount
from explorer.figures.setting import Setting, percent

HALF = 0.5  # of the accuracy at the trained weights


def told(view: Terrain, setting: Setting, *, compare: bool = True) -> list[str]:
    """Return what the accuracy of both models is over the plane, a sentence each.

    compare : say whose accuracy lasts over more of the plane
    """
    lines = [_of(view, setting, i) for i in range(2)]
    shares = [lasting(view, i) for i in range(2)]
    if not compare or None in shares:
        return lines
    a, b = (float(share) for share in shares if share is not None)
    caution = "That is of these two directions, out of as many as there are weights: others may differ."
    if abs(a - b) <= 1 / view.side:
        return [*lines, f"On this mesh neither model keeps half of its accuracy over more of the plane. {caution}"]
    wide, narrow = (setting.names[1], setting.names[0]) if b > a else setting.names
    return [
        *lines,
        f"The {wide} model keeps half of its accuracy over more of the plane than the {narrow} one. {caution}",
    ]


def over(found: Planes, setting: Setting) -> list[str]:
    """Return over how much of several planes each model keeps half of its accuracy, and which one over more."""
    shares = [[lasting(view, i) for view in found.terrains.values()] for i in range(2)]
    known = [np.array(some, np.float64) for some in shares if len(some) > 1 and None not in some]
    if len(known) < 2:
        return []
    many = amount(len(known[0]), "plane")
    lines = [
        f"The {name} model keeps half of its accuracy at {Mean.of_shares(some).share} of the points, in the mean over "
        f"{many} (95 % interval in brackets)."
        for name, some in zip(setting.names, known, strict=True)
    ]
    mean = Mean.of(known[1] - known[0])
    low, high = mean.interval
    if low <= 0 <= high:
        return [*lines, "Plane by plane neither model clearly keeps it over more of the points."]
    wide = setting.names[int(low > 0)]
    by = f"{100 * abs(mean.value):.1f} percentage points"
    return [*lines, f"Plane by plane the {wide} model keeps it over more of the points, by {by} in the mean."]


def lasting(view: Terrain, i: int) -> float | None:
    """Return at which share of the points a model is right on half as many as at its trained weights, or more.

    None where it is right on none there.
    """
    centre = view.centre(i)
    if centre is None or not centre.right[0]:
        return None
    losses: Losses = (view.a, view.b)[i]
    return float((losses.accuracy >= HALF * centre.accuracy[0]).mean())


def _of(view: Terrain, setting: Setting, i: int) -> str:
    losses, centre, share = (view.a, view.b)[i], view.centre(i), lasting(view, i)
    low, high = (f"{float(one):.1%}" for one in (np.min(losses.accuracy), np.max(losses.accuracy)))
    words = f"The {setting.names[i]} model's accuracy ({view.kind})"
    if centre is not None:
        words += f" is {Rate(int(centre.right[0]), centre.count)} at {view.here}; over the plane it"
    words += f" reaches from {low} to {high}"
    if share is None:
        return f"{words}."
    where = "all" if share == 1 else percent(share)
    return f"{words}, and is at least half of that at {view.here} at {where} of the {len(losses.loss):,} points."
