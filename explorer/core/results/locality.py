"""What was found of a boundary near pictures: which way it faces, how it bends; and how linear the loss is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows


@dataclass(frozen=True, eq=False, slots=True)
class Normals:
    """The decision boundary's normals at the points nearest to N pictures.

    labels : (N,) int64, the class that the model gives the picture; reached : (N,) int64, that beyond the boundary
    found : (N,) bool, a point of the boundary was found and it has a normal there
    distance : (N,) float32, how far the point is, in l2; NaN where none was found
    away : (N, ...) float32, the unit normals, each pointing away from the picture's class; zeros where none was found
    """

    labels: Array
    reached: Array
    found: Array
    distance: Array
    away: Array

    def __post_init__(self) -> None:
        rows("normals", self.labels, self.reached, self.found, self.distance, self.away)

    @property
    def flat(self) -> Array:
        """(N, d) float32: the normals as vectors."""
        return self.away.reshape(len(self.away), -1)

    def among(self) -> Array:
        """(N, N) float32: the cosines between the normals, NaN where one is missing."""
        return np.where(self.found[:, None] & self.found, self.flat @ self.flat.T, np.float32(np.nan))

    def beside(self, other: "Normals") -> Array:
        """(N,) float32: the cosines with another's normals near the same pictures, NaN where one is missing."""
        return np.where(self.found & other.found, (self.flat * other.flat).sum(1), np.float32(np.nan))


@dataclass(frozen=True, eq=False, slots=True)
class Spectrum:
    """The singular values of unit vectors, one below the other: how many directions they turn through.

    Few large ones where a subspace of few dimensions holds them all (Moosavi-Dezfooli et al. 2017, arXiv:1610.08401).

    values : (min(N, d),) float32, falling, of N vectors in d dimensions
    """

    values: Array

    @property
    def held(self) -> Array:
        """The share of the vectors' squared length that the first 1, 2, ... directions hold."""
        held = np.cumsum(self.values.astype(np.float64) ** 2)
        return np.asarray(held / held[-1] if len(held) else held)

    def dimension(self, share: float) -> int:
        """Return how many directions hold a share of the vectors' squared length."""
        return int(np.searchsorted(self.held, share * (1 - 1e-9))) + 1


@dataclass(frozen=True, eq=False, slots=True)
class Curvature:
    """How a decision boundary bends at N points of it, in one over the unit of pixels, along directions within it.

    Positive where it bends towards the picture's class, as a ball of it does: that region is convex there.

    mean : (N,) float32; highest, lowest : (N,) float32, the principal curvatures that Lanczos' steps reach
    step : the length in l2 over which the gradient's change was measured
    """

    mean: Array
    highest: Array
    lowest: Array
    step: float

    def __post_init__(self) -> None:
        rows("curvatures", self.mean, self.highest, self.lowest)


@dataclass(frozen=True, eq=False, slots=True)
class Linearity:
    """How far a model's loss is from linear within a ball around N pictures.

    gap : (N,) float32, the largest found of |l(x + delta) - l(x) - delta·grad l(x)|, a lower bound of the true one
    slope : (N,) float32, the length in l2 of the margin's gradient at the picture
    turned : (N,) float32, the cosine between it and the one at the worst place found
    """

    norm: str
    eps: float
    gap: Array
    slope: Array
    turned: Array

    def __post_init__(self) -> None:
        rows("linearity", self.gap, self.slope, self.turned)


@dataclass(frozen=True, eq=False, slots=True)
class Nearby:
    """A model's boundary at the points nearest to N pictures: its normals there, and how it bends."""

    normals: Normals
    curvature: Curvature

    def __post_init__(self) -> None:
        rows("a boundary", self.normals.labels, self.curvature.mean)


@dataclass(frozen=True, eq=False, slots=True)
class OverPairs:
    """A mean over pairs of N pictures, and the means without each picture's pairs.

    without : (N,) float64, `value` for a picture that is in no pair; paired : (N,) bool, those that are in one
    """

    value: float
    without: Array
    paired: Array

    def __post_init__(self) -> None:
        rows("a mean over pairs", self.without, self.paired)


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """What lies between every two of N pictures: whether they are neighbours, and how alike models' normals are there.

    near : (N, N) bool, the pairs of neighbouring pictures
    live : (d,) bool, the values that vary over the data, those of `geometry.centred.live`
    cosines : by name, (N, N) float32, the cosines between the normals, NaN where one is missing
    means : by name, "cosine", "squares" (of the cosine), "sizes" (the cosine between the sizes of their values) and
        "overlap" (what the squares would be on the average if every value's sign were drawn at random); on the live
        values alone "correlation" (of the sizes), "own_squares" and "own_sizes" (the squared cosine of the normals
        and of their sizes, less the mean of all); over the pairs of each kind, those with enough of them: "near",
        "far" (all others), "same" class, "other" class, "all"
    spectra : by name, of the normals that were found; scattered : the same with the sign of every value drawn at
        random, so that only where they lie is left of them; random : of so many directions drawn uniformly, (0,)
        where there are none
    """

    near: Array
    live: Array
    cosines: Mapping[str, Array]
    means: Mapping[str, Mapping[str, Mapping[str, OverPairs]]]
    spectra: Mapping[str, Spectrum]
    scattered: Mapping[str, Spectrum]
    random: Spectrum

    def __post_init__(self) -> None:
        rows("pictures that are compared", self.near, *self.cosines.values())


@dataclass(frozen=True, eq=False, slots=True)
class Locality:
    """Model A and model B near the same N pictures, as far as it was asked for.

    y : (N,) int64, the true classes of those whose boundary was looked at, or else whose loss
    near, live, spectra, scattered, random, cosines, means : as in `Compared`, of the first M of those pictures, with
        M <= N those that are compared so far
    places : (N,) int64, where those whose boundary was looked at are in the test set; lossy : where those whose loss
    models : by name, the boundary; linear : by name, the loss
    """

    y: Array
    near: Array
    live: Array
    places: Array
    lossy: Array
    models: Mapping[str, Nearby]
    linear: Mapping[str, Linearity]
    spectra: Mapping[str, Spectrum]
    scattered: Mapping[str, Spectrum]
    random: Spectrum
    cosines: Mapping[str, Array]
    means: Mapping[str, Mapping[str, Mapping[str, OverPairs]]]
