"""The true outline of a budget in the plane: the norm's ball, cut by the box [0, 1]²."""

from collections.abc import Callable

import numpy as np

from explorer.core.results import Array

CORNERS = {
    "linf": np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float),
    "l1": np.array([[-1, 0], [0, -1], [1, 0], [0, 1]], float),
}
TURN = np.linspace(0, 2 * np.pi, 720, endpoint=False)
Walls = tuple[tuple[int, float, Callable[[float, float], bool]], ...]
WALLS: Walls = (
    (0, 0.0, lambda value, wall: value >= wall),
    (0, 1.0, lambda value, wall: value <= wall),
    (1, 0.0, lambda value, wall: value >= wall),
    (1, 1.0, lambda value, wall: value <= wall),
)


def outline(x: Array, norm: str, eps: float) -> Array:
    """Return the closed outline (M, 2) of {z in [0, 1]²: |z - x| <= eps}, x (2,) in the box.

    A square for linf, a diamond for l1, both exact; for l2 a circle of 720 corners on it.
    """
    ball = CORNERS[norm] if norm in CORNERS else np.stack([np.cos(TURN), np.sin(TURN)], axis=1)
    corners = list(np.asarray(x, float) + eps * ball)
    for axis, wall, inside in WALLS:
        corners = _cut(corners, axis, wall, inside)
    return np.array([*corners, corners[0]])


def _cut(corners: list[Array], axis: int, wall: float, inside: Callable[[float, float], bool]) -> list[Array]:
    """Return the part of a convex polygon on one side of a wall (Sutherland & Hodgman 1974)."""
    kept: list[Array] = []
    for here, there in zip(corners, [*corners[1:], corners[0]], strict=True):
        if inside(here[axis], wall):
            kept.append(here)
        if inside(here[axis], wall) != inside(there[axis], wall):
            share = (wall - here[axis]) / (there[axis] - here[axis])
            crossing = here + share * (there - here)
            crossing[axis] = wall
            kept.append(crossing)
    return kept
