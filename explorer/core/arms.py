"""What an arm's models say together: the mean of a figure with its interval, and which of them tell nothing."""

import math

from explorer.core.results import Arm, Array, Course
from explorer.core.stats import Mean

CLASSES, NEAR = 10, 0.05  # nats: as near to ln(classes), the loss of a model that tells nothing, is stuck there
GUESSING = math.log(CLASSES)
LIMITS = {"turn": (-1.0, 1.0), "again": (-1.0, 1.0)}  # of cosines; losses, lengths and eigenvalues are not negative


def budget_of(arm: Arm | Course) -> str:
    """Return an arm's budget for people: 0.4, or 8/255 where it counts these."""
    thousandths = 1000 * arm.eps
    return f"{arm.eps:g}" if abs(thousandths - round(thousandths)) < 1e-6 else f"{255 * arm.eps:g}/255"


def stays(arm: Arm) -> Array:
    """Return which of an arm's models tell nothing, (S,) bool: their loss is that of guessing."""
    found: Array = arm.figures["loss"] > GUESSING - NEAR
    return found


def stuck(arm: Arm) -> int:
    """Return how many of an arm's models tell nothing: their loss is that of guessing."""
    return int(stays(arm).sum())


def mean_of(arm: Arm, key: str) -> Mean:
    """Return the mean of a figure over an arm's models, with Student's interval cut where no figure can be."""
    if key in ("clean", "robust"):
        return Mean.of_shares(arm.figures[key])
    return limited(arm.figures[key], key)


def limited(values: Array, key: str = "") -> Mean:
    """Return the mean of values (S,) of a figure that is no rate, with Student's interval cut where none can be."""
    found, (least, most) = Mean.of(values), LIMITS.get(key, (0.0, math.inf))
    low, high = found.interval
    return Mean(found.value, found.n, (max(low, least), min(high, most)))
