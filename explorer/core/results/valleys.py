"""What was found of how a model's loss changes with its input: around one picture, and along many gradients."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array
from explorer.core.results.geometry import Outlines, Section
from explorer.core.results.surface import Losses, Rays, Turns


@dataclass(frozen=True, eq=False, slots=True)
class Valley:
    """One model's loss of one picture over a plane through it: the way of an attack, and a random one.

    section : the plane; losses : at the points of a square grid around the picture, row by row, in the section's norm
    label : the class that the loss is against; reached : the attack reached its goal
    outlines : of the budget and the box; None in l0, whose ball is no polygon
    """

    section: Section
    losses: Losses
    label: int
    reached: bool
    outlines: Outlines | None

    def __post_init__(self) -> None:
        if int(np.sqrt(len(self.losses.points))) ** 2 != len(self.losses.points) or self.losses.count != 1:
            raise ValueError("a valley needs the loss of one picture on a square grid")


@dataclass(frozen=True, eq=False, slots=True)
class Valleys:
    """Model A's and model B's loss around one picture, each along its own attack, on one grid."""

    a: Valley
    b: Valley

    def __post_init__(self) -> None:
        if not np.array_equal(self.a.losses.points, self.b.losses.points):
            raise ValueError("both valleys are on one grid")


@dataclass(frozen=True, eq=False, slots=True)
class Slopes:
    """How one model's loss goes along gradients, of N pictures.

    own : along the sign of the model's own gradient; other : along that of the other model's
    turns : how its gradient turns on the straight way to what an attack made of each picture
    """

    own: Rays
    other: Rays
    turns: Turns

    def __post_init__(self) -> None:
        if not len(self.own.start) == len(self.other.start) == len(self.turns.far):
            raise ValueError("slopes are of the same pictures")

    @property
    def flat(self) -> Array:
        """(N,) bool: the gradient at the picture is zero, so that there is nothing to climb."""
        return np.asarray(self.turns.size[:, 0] == 0)


@dataclass(frozen=True, eq=False, slots=True)
class Bends:
    """Both models' slopes, on the same pictures; eps : the budget in linf up to which an attack goes."""

    models: Mapping[str, Slopes]
    eps: float
