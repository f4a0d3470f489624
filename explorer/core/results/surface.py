"""What was found of loss landscapes: a model's loss at points of a plane through its weights, or of its input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.descents import Descent


@dataclass(frozen=True, eq=False, slots=True)
class Losses:
    """The loss of a model at M points of a plane through its weights, over N pictures.

    points : (M, 2) float64, (a, b) of weights + a·first + b·second
    loss : (M,) float64, the mean cross-entropy; spread : (M,) float64, its standard deviation over the pictures
    right : (M,) int64, how many of the pictures are classified rightly; count : N
    forwards, backwards : how often each picture went through the model, there and back, at each point
    """

    points: Array
    loss: Array
    spread: Array
    right: Array
    count: int
    forwards: int = 1
    backwards: int = 0

    def __post_init__(self) -> None:
        rows("losses", self.points, self.loss, self.spread, self.right)
        if self.points.shape[1:] != (2,) or (self.right > self.count).any():
            raise ValueError("losses need points (M, 2), and no more right answers than pictures")

    @property
    def accuracy(self) -> Array:
        """(M,) float64: the share of pictures that are classified rightly."""
        return np.asarray(self.right / self.count)

    def at(self, rows: Array) -> "Losses":
        """Return some of the points, rows (K,) int64."""
        points, loss, spread, right = (column[rows] for column in (self.points, self.loss, self.spread, self.right))
        return Losses(points, loss, spread, right, self.count, self.forwards, self.backwards)

    @classmethod
    def joined(cls, tiles: Sequence["Losses"]) -> "Losses":
        """Return the points of several tiles, one tile after the other; all are of the same pictures and passes."""
        first = tiles[0]
        same = first.count, first.forwards, first.backwards
        if any((one.count, one.forwards, one.backwards) != same for one in tiles):
            raise ValueError("tiles of one surface are of the same pictures")
        points, loss, spread, right = (
            np.concatenate([getattr(one, name) for one in tiles]) for name in ("points", "loss", "spread", "right")
        )
        return cls(points, loss, spread, right, *same)


@dataclass(frozen=True, eq=False, slots=True)
class Terrain:
    """Model A's and model B's loss over a square of a plane through the weights of each.

    a, b : at the points of a square grid, row by row, a first and b from below (`explorer.landscapes.grids.grid`)
    names : "across", "up" -> what the axis is, such as "random direction 1"
    kind : which loss, in words: "clean", "adversarial, made anew at each point", ...
    descent_a, descent_b : how the training came to the centre, on a plane that is laid along it; else None
    note : a sentence on what else is to be known, such as what batch norm's statistics are, else ""
    centre_a, centre_b : of one point, the centre, which a grid of even side lacks; None where not known
    here : what the centre is
    fine_a, fine_b : (F, F) float64, the losses on a finer grid, those between interpolated; None where not asked for
    errors : (K,) float64, by how much the log losses of both were off at points that the interpolation did not see
    """

    a: Losses
    b: Losses
    names: Mapping[str, str]
    kind: str
    descent_a: Descent | None = None
    descent_b: Descent | None = None
    note: str = ""
    centre_a: Losses | None = None
    centre_b: Losses | None = None
    here: str = "the trained weights"
    fine_a: Array | None = None
    fine_b: Array | None = None
    errors: Array | None = None

    def __post_init__(self) -> None:
        if self.a.points.shape != self.b.points.shape or self.side**2 != len(self.a.points) or self.side < 2:
            raise ValueError("a terrain needs both models' losses on one square grid")

    @property
    def side(self) -> int:
        """How many points the grid has each way."""
        return int(np.sqrt(len(self.a.points)))

    @property
    def ticks(self) -> Array:
        """(side,) float64: the grid's places on both axes."""
        return self.a.points[: self.side, 0]

    def loss(self, i: int) -> Array:
        """(side, side) float64: the loss of model A (0) or B (1), row = second axis, upwards."""
        return (self.a, self.b)[i].loss.reshape(self.side, self.side)

    def centre(self, i: int) -> Losses | None:
        """Return the one point in the middle, of model A (0) or B (1); None where it is not known."""
        given, whole = ((self.centre_a, self.a), (self.centre_b, self.b))[i]
        return given or (whole.at(np.array([len(whole.loss) // 2])) if self.side % 2 else None)

    def descent(self, i: int) -> Descent | None:
        """Return how the training of model A (0) or B (1) came to the centre, where that is known."""
        return (self.descent_a, self.descent_b)[i]

    def accuracy(self, i: int) -> Array:
        """(side, side) float64: the share of pictures that model A (0) or B (1) is right on."""
        return np.asarray((self.a, self.b)[i].accuracy.reshape(self.side, self.side))


@dataclass(frozen=True, eq=False, slots=True)
class Surfaces:
    """Both models' losses over one plane: the kind that is asked for, and those that it is set beside.

    kinds : by kind, "clean", "kept" (perturbations made at the centre) or "anew" (made at each point); where some are
        computed further than others, their grids differ
    shown : the kind that is asked for
    """

    kinds: Mapping[str, Terrain]
    shown: str

    def __post_init__(self) -> None:
        if self.shown not in self.kinds:
            raise ValueError("surfaces need the kind that is shown")

    @property
    def terrain(self) -> Terrain:
        """The kind that is asked for."""
        return self.kinds[self.shown]


@dataclass(frozen=True, eq=False, slots=True)
class Planes:
    """Both models' loss over several planes, each of random directions of its own seed. terrains : by the seed."""

    terrains: Mapping[str, Terrain]


@dataclass(frozen=True, eq=False, slots=True)
class Ways:
    """Two directions in a model's weights. first, second : by the name of a parameter, of its shape."""

    first: Mapping[str, Array]
    second: Mapping[str, Array]


@dataclass(frozen=True, eq=False, slots=True)
class Perturbed:
    """Pictures under attack at a model's trained weights. x_adv : (N, ...) float32."""

    x_adv: Array


@dataclass(frozen=True, eq=False, slots=True)
class Rays:
    """The loss of N pictures along the sign of their own gradient, or of another model's.

    steps : (T,) float64, how far, in linf; loss : (N, T) float64, the cross-entropy there
    start : (N,) float64, the loss at the picture; slope : (N,) float64, by which the loss would rise for each unit of
        the step if it were linear: along the own gradient's sign its l1 norm
    right : (N, T) bool, the class there is the label's
    """

    steps: Array
    loss: Array
    start: Array
    slope: Array
    right: Array

    def __post_init__(self) -> None:
        rows("rays", self.loss, self.start, self.slope, self.right)
        if self.loss.shape[1:] != self.steps.shape or self.right.shape != self.loss.shape:
            raise ValueError("rays need a loss at each step")

    @property
    def linear(self) -> Array:
        """(N, T) float64: the loss that the gradient at the picture lets expect."""
        return np.asarray(self.start[:, None] + self.slope[:, None] * self.steps)

    @property
    def odds(self) -> Array:
        """(N, T) float64: the log odds against the label, log(exp(loss) - 1), which of a linear model rise in a line.

        The loss itself bends even then: a sure model's is near 0, and nearly flat, however steep the odds are.
        """
        return _odds(self.loss)

    @property
    def rise(self) -> Array:
        """(N, T) float64: by how much the log odds rise from the picture on."""
        return self.odds - _odds(self.start)[:, None]

    @property
    def expected(self) -> Array:
        """(N, T) float64: the rise that the gradient at the picture lets expect."""
        return np.asarray((self.slope / -np.expm1(-self.start))[:, None] * self.steps)


@dataclass(frozen=True, eq=False, slots=True)
class Turns:
    """How the gradient of N pictures' loss turns along a path of T places each, the picture itself the first.

    far : (N, T) float64, how far each place is from the picture, in l2
    first : (N, T) float64, the cosine with the gradient at the picture; NaN where one of both is zero
    last : (N, T) float64, the cosine with the gradient at the place before; the first place's is 1
    size : (N, T) float64, the length of the gradient of the log odds against the label, in l2
    """

    far: Array
    first: Array
    last: Array
    size: Array

    def __post_init__(self) -> None:
        rows("turns", self.far, self.first, self.last, self.size)
        if not self.far.shape == self.first.shape == self.last.shape == self.size.shape:
            raise ValueError("turns need one cosine of each kind, and one length, at each place")


def _odds(loss: Array) -> Array:
    """Return the log odds against the label that a cross-entropy stands for; of large ones it is the loss itself."""
    with np.errstate(over="ignore", divide="ignore"):
        return np.where(loss > 30, loss, np.log(np.expm1(np.minimum(loss, 30))))
