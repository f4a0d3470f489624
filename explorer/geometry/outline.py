"""The true outlines, in a plane through input space, of a ball around its origin and of the pixel box."""

import numpy as np

from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, Norm
from explorer.core.results import Array, Outlines, Section

CIRCLE = 720  # corners
SLACK = 1e-7  # of a value in [0, 1]: float32 rounds, and a picture whose black is 0 lies on the box's wall


def outlines(section: Section, norm: Norm, eps: float) -> Outlines:
    """Return the outlines of the ball of radius `eps` in `norm`, of the box [0, 1] and of their common part.

    Each is what the plane cuts out of the body, by corners: of the linf ball and of the box the polygon of all
    their half planes; of the l1 ball the one whose corners are where a value changes its sign; of the l2 ball the
    circle (an ellipse where the axes have another norm's unit). The box is told as far as the plane is shown.

    A picture with values of 0 and 1 lies on the box's wall: a way that moves many of them leaves the box at once,
    and what the plane cuts out of it may be a line or a point.

    Raises `UserError` for l0, whose ball is no polygon.
    """
    if norm not in CONVEX:
        raise UserError(f"The outline of a budget in {norm} cannot be drawn; it can in {', '.join(CONVEX)}.")
    axes = np.stack([section.across.ravel(), section.up.ravel()], axis=1).astype(np.float64)  # (d, 2)
    left, right, bottom, top = section.window
    shown = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    moved = axes[(axes != 0).any(1)]
    ball = _scaled(moved, norm) * eps
    walls = _walls(section, axes)
    return Outlines(norm, eps, ball, clip(shown, *walls), clip(ball, *walls))


def _scaled(axes: Array, norm: Norm) -> Array:
    """Return the corners of the ball of radius 1, from the axes (d, 2), in turn."""
    if norm == "linf":
        reach = (
            1.01 * np.abs(axes).sum(0) / (axes**2).sum(0)
        )  # |s|·||a||_2² = |z·a| <= ||z||_inf·||a||_1: it holds the ball
        return clip(
            np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * reach,
            np.concatenate([axes, -axes]),
            np.ones(2 * len(axes)),
        )
    if norm == "l1":
        angles = np.unique(np.arctan2(axes[:, 0], -axes[:, 1]) % np.pi)  # where s·across_j + t·up_j = 0
        angles = np.concatenate([angles, angles + np.pi])
    else:
        angles = np.linspace(0, 2 * np.pi, CIRCLE, endpoint=False)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    sizes = [np.linalg.norm(part @ axes.T, ord=1 if norm == "l1" else 2, axis=1) for part in np.array_split(ways, 16)]
    return np.asarray(ways / np.concatenate(sizes)[:, None])


def _walls(section: Section, axes: Array) -> tuple[Array, Array]:
    """Return the box as half planes (2d, 2), (2d,); that of a value which no axis moves holds everywhere or nowhere."""
    origin = section.origin.ravel().astype(np.float64)
    return np.concatenate([axes, -axes]), np.concatenate([1 - origin, origin]) + SLACK


def clip(polygon: Array, normals: Array, offsets: Array) -> Array:
    """Return the part of a convex polygon (M, 2) in all half planes {z: normals·z <= offsets}, of (K, 2) and (K,).

    Sutherland & Hodgman 1974, the half plane first that cuts most off: few of thousands have an edge in the end.
    """
    if len(offsets) and (offsets[(normals == 0).all(1)] < 0).any():
        return np.empty((0, 2))
    long = np.linalg.norm(normals, axis=1)
    normals, offsets = normals[long > 0] / long[long > 0, None], offsets[long > 0] / long[long > 0]
    left = np.ones(len(offsets), bool)
    while len(polygon) and left.any():
        beyond = (polygon @ normals.T - offsets).max(0)  # (K,) how far the polygon's furthest corner is out
        left &= beyond > 0
        if left.any():
            worst = int(np.where(left, beyond, -np.inf).argmax())
            polygon = _cut(polygon, normals[worst], float(offsets[worst]))
            left[worst] = False
    return polygon


def _cut(polygon: Array, normal: Array, offset: float) -> Array:
    """Return the part of a convex polygon on one side of a line."""
    height = polygon @ normal - offset
    kept: list[Array] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if height[i] <= 0:
            kept.append(polygon[i])
        if height[i] * height[j] < 0:
            share = height[i] / (height[i] - height[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 2)
