"""Ten silhouettes as implicit functions on [-1, 1]²; u points right, v points down."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def _polygon(corners: int, turn: float = 0.0) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the regular polygon inscribed in the unit circle, one corner up."""

    def test(u: Tensor, v: Tensor) -> Tensor:
        half = math.pi / corners
        angle = torch.atan2(u, -v) + turn
        return u.hypot(v) * torch.cos((angle % (2 * half)) - half) < math.cos(half)

    return test


def _star(u: Tensor, v: Tensor) -> Tensor:
    radius, angle = u.hypot(v), torch.atan2(u, -v)
    fifth = 2 * math.pi / 5
    fold = ((angle + fifth / 2) % fifth - fifth / 2).abs()  # 0 at a tip, pi/5 at a notch
    inner = 0.4
    tip = torch.tensor([1.0, 0.0])
    notch = inner * torch.tensor([math.cos(fifth / 2), math.sin(fifth / 2)])
    px, py = radius * fold.cos(), radius * fold.sin()
    edge = notch - tip
    return edge[0] * (py - tip[1]) - edge[1] * (px - tip[0]) > 0


def _heart(u: Tensor, v: Tensor) -> Tensor:
    a, b = u * 1.25, -v * 1.2 + 0.1
    return (a * a + b * b - 0.9).pow(3) < a * a * b.pow(3)


def _arrow(u: Tensor, v: Tensor) -> Tensor:
    head = (v < 0.05) & (v > -1) & (u.abs() < (v + 1) * 0.85)
    return head | ((u.abs() < 0.32) & (v >= 0.05) & (v < 0.95))


SILHOUETTES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "disc": lambda u, v: u.hypot(v) < 0.9,
    "ring": lambda u, v: (u.hypot(v) < 1.0) & (u.hypot(v) > 0.55),
    "square": lambda u, v: (u.abs() < 0.75) & (v.abs() < 0.75),
    "triangle": _polygon(3),
    "plus": lambda u, v: ((u.abs() < 0.3) & (v.abs() < 0.95)) | ((v.abs() < 0.3) & (u.abs() < 0.95)),
    "star": _star,
    "heart": _heart,
    "moon": lambda u, v: (u.hypot(v) < 0.95) & ((u - 0.5).hypot(v) > 0.75),
    "arrow": _arrow,
    "bars": lambda u, v: (u.abs() < 0.85) & (v.abs() < 0.9) & ((v.abs() < 0.2) | (v.abs() > 0.52)),
}
CLASSES = tuple(SILHOUETTES)


def inside(y: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return which points (N, H, W) lie in each picture's silhouette of class `y` (N,)."""
    covered = torch.zeros(u.shape, dtype=torch.bool)
    for label, test in enumerate(SILHOUETTES.values()):
        rows = y == label
        covered[rows] = test(u[rows], v[rows])
    return covered
