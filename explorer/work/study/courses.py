"""What the cards of a study's models say of the way through their training, where it was recorded."""

from typing import Any

import numpy as np

from explorer.core.results import Arm, Array, Course
from explorer.models.zoo import card


def courses(arms: tuple[Arm, ...]) -> tuple[Course, ...]:
    """Return a course for each arm all of whose models have one in their cards, at the same places."""
    return tuple(course for arm in arms if (course := _course(arm)) is not None)


def _course(arm: Arm) -> Course | None:
    rows = [card(name)["landscape"].get("course", []) for name in arm.models]
    shares = [[row["share"] for row in some] for some in rows]
    if not shares[0] or any(one != shares[0] for one in shares):
        return None
    share = np.array(shares[0], np.float64)
    return Course(arm.way, arm.eps, arm.models, share, _all(rows, "loss"), _all(rows, "eigenvalue"), arm.data, arm.rate)


def _all(rows: list[list[dict[str, Any]]], key: str) -> Array:
    return np.array([[row[key] for row in some] for some in rows], np.float64)
