"""What the Boundary page shows of a plane: both models' slices of it, and what lies on it and near it."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.geometry import Distances, Outlines, Regions, Section, Slice
from explorer.core.results.saliency import Refused


@dataclass(frozen=True, eq=False, slots=True)
class Trail:
    """An attack's steps seen from a plane: the place nearest to each, and how far off the plane it is.

    steps : (F,) int64, -1 for the picture itself, then the attack's iterates that were kept, `count` for its outcome
    places : (F, 2) float64; off : (F,) float64, in l2; length : (F,) float64, of the change itself, in l2
    labels : (F,) int64, what the attacked model says there
    count : how many iterates the attack had; reached : whether its outcome has the goal
    """

    steps: Array
    places: Array
    off: Array
    length: Array
    labels: Array
    count: int
    reached: bool

    def __post_init__(self) -> None:
        rows("a trail", self.steps, self.places, self.off, self.length, self.labels)


@dataclass(frozen=True, eq=False, slots=True)
class Neighbours:
    """Training pictures near a plane, the nearest first: of those whose place on it lies in sight.

    index, labels : (M,) int64, their places in the training set and their classes
    places : (M, 2) float64; off : (M,) float64, how far off the plane they are, in l2
    total : how many the training set has; inside : how many of these have their place in sight
    """

    index: Array
    labels: Array
    places: Array
    off: Array
    total: int
    inside: int

    def __post_init__(self) -> None:
        rows("neighbours", self.index, self.labels, self.places, self.off)
        if (np.diff(self.off) < 0).any() or len(self.off) > self.inside:
            raise ValueError("neighbours come the nearest first, and no more than there are in sight")


@dataclass(frozen=True, eq=False, slots=True)
class Folds:
    """Where model A and model B are linear on a plane, or why there is no such thing."""

    a: Regions | Refused
    b: Regions | Refused


@dataclass(frozen=True, eq=False, slots=True)
class SliceView:
    """One plane through input space as model A and model B see it.

    label : the true class of the picture at the origin, -1 where nobody said it
    a, b : what each model says on the plane, which both have
    outlines : of the budget and the box; None in l0, whose ball is no polygon
    ahead_a, ahead_b : how far the boundary is from the picture along +across, -across, +up, -up
    trail_a, trail_b : the attack on each model; near : training pictures; folds : where the models are linear; None
        where they were not asked for
    """

    label: int
    a: Slice
    b: Slice
    outlines: Outlines | None
    ahead_a: Distances
    ahead_b: Distances
    trail_a: Trail | None = None
    trail_b: Trail | None = None
    near: Neighbours | None = None
    folds: Folds | None = None

    def __post_init__(self) -> None:
        if self.a.labels.shape != self.b.labels.shape:
            raise ValueError("both models are asked on one grid")

    @property
    def section(self) -> Section:
        """The plane."""
        return self.a.section
