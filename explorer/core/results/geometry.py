"""What was found of input space: planes through it, and what a model says on them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows

PLACES = 500  # at once, where each is a whole picture


@dataclass(frozen=True, eq=False, slots=True)
class Section:
    """A plane through input space: (s, t) is the place of origin + s·across + t·up.

    origin, across, up : (...) float32, one picture each; across and up are orthogonal (in l2), of length 1 in `norm`
    norm : "linf", "l2" or "l1", the unit of both axes
    window : (4,) float64, what is shown: s from the first to the second, t from the third to the fourth
    names : "across", "up" -> what the axis is
    marks : name -> (2,) float64, where what the plane was laid through lies
    note : a sentence where the plane is not quite the one that was asked for, else ""
    """

    origin: Array
    across: Array
    up: Array
    norm: str
    window: Array
    names: Mapping[str, str]
    marks: Mapping[str, Array]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.origin.shape == self.across.shape == self.up.shape:
            raise ValueError("a plane needs two directions of its origin's shape")
        if self.window.shape != (4,) or not (self.window[0] < self.window[1] and self.window[2] < self.window[3]):
            raise ValueError("a plane needs a window: left, right, bottom, top")

    def ticks(self, side: int) -> tuple[Array, Array]:
        """Return the grid's places on both axes, (side,) float64 each."""
        left, right, bottom, top = self.window
        return np.linspace(left, right, side), np.linspace(bottom, top, side)

    def length(self, at: Array) -> Array:
        """Return how far the places (M, 2) are from the origin, in `norm`, (M,) float64."""
        axes = np.stack([self.across.ravel(), self.up.ravel()]).astype(np.float64)  # (2, d)
        order = {"linf": np.inf, "l2": 2, "l1": 1}[self.norm]
        parts = np.array_split(np.asarray(at, np.float64), max(1, len(at) // PLACES))
        return np.concatenate([np.linalg.norm(part @ axes, ord=order, axis=1) for part in parts])


@dataclass(frozen=True, eq=False, slots=True)
class Slice:
    """What a model says on a plane, on a grid of G x G places: row = second coordinate, upwards.

    labels : (G, G) int64; margin : (G, G) float32, the top logit less the runner-up
    confidence : (G, G) float32, the top class's probability
    checked : (G, G) bool, the model was asked there; elsewhere the label is that of the checked places around,
        which all have the same, and the two numbers are interpolated between theirs
    asked : how many points the model was asked for, those beyond the grid's edge among them
    step : the coarse grid's distance, 1 where every place was checked
    """

    section: Section
    labels: Array
    margin: Array
    confidence: Array
    checked: Array
    asked: int
    step: int

    def __post_init__(self) -> None:
        side = len(self.labels)
        if any(a.shape != (side, side) for a in (self.labels, self.margin, self.confidence, self.checked)):
            raise ValueError("a slice needs a label, a margin and a confidence at each place of a square grid")


@dataclass(frozen=True, eq=False, slots=True)
class Regions:
    """Where a network of ReLUs is affine on a plane: the regions in which the same units are active.

    count : how many there are in the window; exact where the lines between them are known, else at least so many
    units : how many units the network has, whose states are the pattern
    cuts : (count - 1, 2, 2) float32, the ends of the lines that cut the window into regions; (0, 2, 2) where not known
    switched : (G, G) int32, on a grid where they are not: how many units switch between the place and the next one to
        the right, and the next one above; (0, 0) where they are
    """

    section: Section
    count: int
    units: int
    cuts: Array
    switched: Array

    def __post_init__(self) -> None:
        if self.exact and self.count != len(self.cuts) + 1:
            raise ValueError("each cut makes one region more")

    @property
    def exact(self) -> bool:
        """Whether the regions are known, not only what a grid meets of them."""
        return not self.switched.size

    @property
    def crossed(self) -> float:
        """How many lines a way along an axis crosses for each unit of its length, on the average over both axes."""
        left, right, bottom, top = self.section.window
        if self.exact:
            spans = abs(np.diff(self.cuts.astype(np.float64), axis=1)).sum()
            return float(spans / 2 / (right - left) / (top - bottom))
        side = len(self.switched)
        return float(self.switched.sum(dtype=np.int64) / side / (right - left + top - bottom))


@dataclass(frozen=True, eq=False, slots=True)
class Outlines:
    """The true outlines of a budget and of the pixel box in a plane: convex polygons, corners (M, 2) float64 in turn.

    ball : the places no further than `eps` from the origin in `norm`; exact for linf and l1, for l2 720 corners on it
    box : the places whose pictures lie in [0, 1] everywhere, within the window
    both : the places in the ball and in the box
    Empty, (0, 2), where there is no such place.
    """

    norm: str
    eps: float
    ball: Array
    box: Array
    both: Array


@dataclass(frozen=True, eq=False, slots=True)
class Distances:
    """How far N pictures are from the decision boundary along M directions each.

    kind : what directions
    l2, linf : (N, M) float32, the length of the way to the first crossing; inf where there is none within the reach
    reached : (N, M) int64, the class beyond; -1 where there is none
    outside : (N, M) bool, the crossing lies outside of [0, 1]
    labels : (N,) int64, the class that the model gives the picture
    reach : how far was looked, in l2; size : the number of values of a picture, d
    """

    kind: str
    l2: Array
    linf: Array
    reached: Array
    outside: Array
    labels: Array
    reach: float
    size: int

    def __post_init__(self) -> None:
        if not self.l2.shape == self.linf.shape == self.reached.shape == self.outside.shape:
            raise ValueError("distances need a length in each norm for each direction")
        rows("distances", self.l2, self.labels)

    @property
    def crossed(self) -> Array:
        """(N, M) bool: there is a crossing within the reach."""
        return np.isfinite(self.l2)

    @property
    def median(self) -> Array:
        """(N,) float32: each picture's median length in l2; inf where half of its directions do not cross."""
        return np.asarray(np.sort(self.l2, axis=1)[:, self.l2.shape[1] // 2])

    def times(self, nearest: "Distances") -> Array:
        """(N,): each picture's median length over its shortest among `nearest`, both in l2.

        Random against adversarial ways, this grows with the square root of `size` (Fawzi et al. 2016,
        arXiv:1608.08967, theorem 1); of a hyperplane and random lines it is about 1.48 times that root, one over
        the median of the magnitude of a standard normal number. NaN where neither crosses.
        """
        with np.errstate(invalid="ignore"):
            return np.asarray(self.median / nearest.l2.min(1))


@dataclass(frozen=True, eq=False, slots=True)
class BandMargins:
    """How far N pictures are from the decision boundary within each of B bands of frequencies.

    starts : (B,) int64, the lowest frequency of each band; width : how many it has each way
    margins : (N, B) float32, the length in l2 of the change found; inf where no search arrived
    reached : (N, B) int64, the class beyond; -1 where it did not
    labels : (N,) int64, the class that the model gives the picture
    delta : (N, B, ...) float32, the changes, or None where they were not kept; 0 where none arrived
    """

    starts: Array
    width: int
    margins: Array
    reached: Array
    labels: Array
    delta: Array | None = None

    def __post_init__(self) -> None:
        if not self.margins.shape == self.reached.shape == (len(self.labels), len(self.starts)):
            raise ValueError("margins by frequency need one for each picture and band")

    @property
    def converged(self) -> Array:
        """(N, B) bool: a search arrived; where none did, the margin is not known."""
        return np.isfinite(self.margins)


@dataclass(frozen=True, eq=False, slots=True)
class Inside:
    """How many of the points drawn from balls around N pictures have another class than the picture's label.

    radii : (R,) float64, in `norm`; changed : (N, R) int64, of `count` points each; labels : (N,) int64
    """

    norm: str
    radii: Array
    changed: Array
    count: int
    labels: Array

    def __post_init__(self) -> None:
        if self.changed.shape != (len(self.labels), len(self.radii)):
            raise ValueError("a count of points needs one for each picture and radius")
