"""A plane cut where the units of a chain of layers switch, polygon by polygon, in float64."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Section

SLIVER = 1e-9  # of the window: what is thinner is not cut off
TOGETHER = 256  # polygons whose maps are carried through a layer at once


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """Convex polygons that fill a plane's window, R of them.

    polygons : the corners (V, 2) of each in turn, float64
    maps : (R, K, 3) float64, the values at a place (s, t) of each as maps @ (s, t, 1)
    cuts : (R - 1, 2, 2) float64, the ends of the line that each cut made: all that lies between two polygons, once
    """

    polygons: list[Array]
    maps: Array
    cuts: Array


def cells(layers: Sequence[nn.Module], section: Section, tick: Tick = silent) -> Cells:
    """Return the polygons of a plane's window on which a chain of affine layers and ReLUs is affine.

    Layer by layer, each polygon is cut along the lines where a unit of the layer switches in it.
    """
    left, right, bottom, top = section.window
    polygons = [np.array([[left, bottom], [right, bottom], [right, top], [left, top]])]
    cuts: list[Array] = []
    sliver = SLIVER * max(right - left, top - bottom)
    basis = np.stack([section.across, section.up, section.origin]).astype(np.float64)
    maps = torch.from_numpy(basis)[None]  # (R, 3, ...): of each polygon the value as s·first + t·second + third
    for i, layer in enumerate(layers):
        if not isinstance(layer, nn.ReLU):
            maps = _carried(copy.deepcopy(layer).cpu().double(), maps)
            continue
        parts, rows, signs = [], list[int](), []
        for row, polygon in enumerate(polygons):
            tick(i, len(layers), "finding regions")
            lines = maps[row].flatten(1).numpy().T  # (units, 3)
            for part in _cut(polygon, lines, sliver, cuts):
                parts.append(part)
                rows.append(row)
                signs.append(lines @ [*part.mean(0), 1.0] > 0)
        active = torch.from_numpy(np.stack(signs)).view(-1, 1, *maps.shape[2:])
        polygons, maps = parts, maps[rows] * active
    return Cells(polygons, maps.flatten(2).mT.contiguous().numpy(), np.array(cuts).reshape(-1, 2, 2))


def _carried(layer: nn.Module, maps: Tensor) -> Tensor:
    """Return maps (R, 3, ...) behind an affine layer: linear in the two directions, with its constant in the third."""
    with torch.no_grad():
        nothing = layer(torch.zeros_like(maps[:1, 0]))
        parts = []
        for some in torch.split(maps, TOGETHER):
            out = layer(some.flatten(0, 1))
            out = out.view(len(some), 3, *out.shape[1:])
            out[:, :2] -= nothing[:, None]
            parts.append(out)
    return torch.cat(parts)


def _cut(polygon: Array, lines: Array, sliver: float, cuts: list[Array]) -> list[Array]:
    """Return the parts of a convex polygon (V, 2) between lines a·s + b·t + c = 0, (L, 3); note each cut's two ends."""
    slope = np.hypot(lines[:, 0], lines[:, 1])
    known = slope > 1e-300
    return _parted(polygon, lines[known] / slope[known, None], sliver, cuts)


def _parted(polygon: Array, lines: Array, sliver: float, cuts: list[Array]) -> list[Array]:
    off = polygon @ lines[:, :2].T + lines[:, 2]  # (V, L), how far each corner is from each line
    through = (off.min(0) < -sliver) & (off.max(0) > sliver)
    if not through.any():
        return [polygon]
    lines, off = lines[through], off[:, through]
    middle = int(abs(off.sum(0)).argmin())  # cuts most evenly, so that less is left to be cut twice
    rest = np.delete(lines, middle, axis=0)
    *halves, chord = _halves(polygon, off[:, middle])
    place = chord @ [-lines[middle, 1], lines[middle, 0]]  # along the line; rounding gives some ends twice
    cuts.append(chord[[place.argmin(), place.argmax()]])
    return [part for half in halves for part in _parted(half, rest, sliver, cuts)]


def _halves(polygon: Array, off: Array) -> tuple[Array, Array, Array]:
    """Return the two parts of a convex polygon on both sides of a line that its corners are `off` from, (V,).

    And the corners that both have, which lie on the line.
    """
    sides: tuple[list[Array], list[Array]] = ([], [])
    ends = []
    for corner, to, here, there in zip(polygon, np.roll(polygon, -1, axis=0), off, np.roll(off, -1), strict=True):
        for side, sign in zip(sides, (1, -1), strict=True):
            if sign * here >= 0:
                side.append(corner)
        if here == 0:
            ends.append(corner)
        if here * there < 0:
            between = corner + here / (here - there) * (to - corner)
            ends.append(between)
            for side in sides:
                side.append(between)
    return np.array(sides[0]), np.array(sides[1]), np.array(ends)
