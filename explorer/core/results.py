"""What a computation found: frozen numpy, nothing that computes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
E = TypeVar("E", float, Array)


def up_to(eps: E) -> E:
    """Return the greatest length that counts as within `eps`: float32 rounds, and a projection ends at the edge."""
    return eps * (1 + 1e-5) + 1e-7


def _rows(what: str, *columns: Array) -> None:
    """Refuse columns that have not the same number of rows, one per picture."""
    if len({column.shape[:1] for column in columns}) != 1 or not columns[0].ndim:
        raise ValueError(f"{what} needs one row per picture")


@dataclass(frozen=True, eq=False, slots=True)
class AttackResult:
    """The judged outcome of one attack on N images.

    x, x_adv : (N, ...) float32 in [0, 1]
    logits, logits_adv : (N, K) float32 of the plain model
    labels : (N,) int64, what the goal names; targeted : whether it is wanted or shunned
    success : (N,) bool, the goal is reached at x_adv
    bound : "budget", "smallest" or "own": what x_adv keeps to (see `explorer.attacks.attack`)
    distance : norm -> (N,) float32, the length of x_adv - x
    path : "logits" (T, N, K), "loss", "margin", "distance" (T, N) of every iterate that the attack
        showed, an image out of play resting where it was; "x" (F, N, ...) of the iterates "kept" (F,),
        all but in long paths; empty for attacks in one step, and where no image was in play
    images : forward passes spent by the attack, in images; seconds : its wall time
    stages : of an attack that has several, in their order: name -> (3,) float64, how many pictures the stage
        broke of those that stood, its images and its seconds; else empty
    """

    x: Array
    x_adv: Array
    logits: Array
    logits_adv: Array
    labels: Array
    targeted: bool
    success: Array
    distance: Mapping[str, Array]
    images: int
    seconds: float
    bound: str = "budget"
    path: Mapping[str, Array] = field(default_factory=dict)
    stages: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.x_adv.shape != self.x.shape or self.logits.shape != self.logits_adv.shape:
            raise ValueError("an attack must return pictures of the shape it was given")
        _rows("an attack result", self.x, self.logits, self.labels, self.success, *self.distance.values())

    @property
    def correct(self) -> Array:
        """(N,) bool: an untargeted goal's label is still predicted at x_adv."""
        return np.asarray(self.logits_adv.argmax(1) == self.labels)

    def within(self, norm: str, eps: float) -> Array:
        """(N,) bool: the goal is reached by a change no longer than `eps`, up to rounding."""
        return np.asarray(self.success & (self.distance[norm] <= up_to(eps)))


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """N pictures of a test set under one attack on one model.

    start : the place of the first in the test set
    labels, clean, adversarial : (N,) int64, the true class, and what the model says before and under
        attack at the chosen budget
    radius : (N,) float32, the smallest budget known to break the picture, in pixel units (in l0 pixels):
        0 where the model is wrong by itself, infinity where nothing tried breaks it
    images : forward passes spent, in images; seconds : the attack's wall time
    stages : as of an AttackResult, summed over the budgets up to the chosen one
    """

    start: int
    labels: Array
    clean: Array
    adversarial: Array
    radius: Array
    images: int
    seconds: float
    stages: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _rows("what is judged", self.labels, self.clean, self.adversarial, self.radius)

    def standing(self, eps: float) -> Array:
        """(N,) bool: the model is right, and nothing tried within `eps` breaks it (up to rounding)."""
        return np.asarray(self.radius > up_to(eps))


@dataclass(frozen=True, eq=False, slots=True)
class Evaluation:
    """The Robustness page: each model's pictures judged under one attack; the first `n` of the test set.

    budgets : (B,) float32, those of the curve, in pixel units (in l0 pixels), the chosen one among them; of an
        attack with limits of its own one that stands for them
    """

    models: Mapping[str, Judged]
    budgets: Array


@dataclass(frozen=True, eq=False, slots=True)
class TransferMatrix:
    """How often each model is right about pictures made on each: models[i][j] hits of n, made on i, shown to j."""

    models: Mapping[str, Mapping[str, int]]
    n: int


@dataclass(frozen=True, slots=True)
class Check:
    """One question to an evaluation: whether its answer is as it should be, what was found, what failing would mean."""

    passed: bool
    found: str
    meaning: str


@dataclass(frozen=True, eq=False, slots=True)
class Honesty:
    """The checks of each model's evaluation: model -> question -> answer.

    asked : of which attack, norm, budget and how many pictures, in words
    """

    models: Mapping[str, Mapping[str, Check]]
    asked: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Transferred:
    """Pictures made on one model, shown to others.

    correct : model -> (N,) bool, whether it is right about them; start : the place of the first
    """

    start: int
    correct: Mapping[str, Array]

    def __post_init__(self) -> None:
        _rows("what is shown to others", *self.correct.values())


@dataclass(frozen=True, eq=False, slots=True)
class Probed:
    """What a model's loss and gradients look like to an attacker, on N pictures.

    start : the place of the first
    vanished : (N,) bool, the gradient of the cross-entropy, as float32 has it, is zero in every pixel
    loss : (T,) the mean of the negative margin, which the attacker raises, at each step of a plain PGD
    unsteady : the largest difference between two answers to the same pictures, in logits
    """

    start: int
    vanished: Array
    loss: Array
    unsteady: float

    def __post_init__(self) -> None:
        _rows("what is probed", self.vanished)
        if self.loss.ndim != 1 or not len(self.loss):
            raise ValueError("what is probed needs its loss at each step")


@dataclass(frozen=True, eq=False, slots=True)
class Control:
    """Noise of the budget's size on N copies of one picture.

    changed : (N,) bool, the answer is another than on the clean picture
    distance : (N,) float32, the length of the noise in the budget's norm, after clipping to the box
    logits : (N, K) float32; x : (...) one of the copies
    """

    changed: Array
    distance: Array
    logits: Array
    x: Array

    def __post_init__(self) -> None:
        _rows("a control", self.changed, self.distance, self.logits)


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """What a model says on all of [0, 1]²: probabilities (G, G, K) float32, row = second coordinate, upwards."""

    probabilities: Array


@dataclass(frozen=True, eq=False, slots=True)
class Saliency:
    """What each value of N pictures does to a model's score.

    maps : (N, C, H, W) float32, (N, 1, H, W) of a method that does not tell the channels apart, (N, 2) of points
    signed : whether a map's sign says for or against the target
    logits : (N, K) float32
    kind, labels, against : the target: "logit", "difference" or "loss", (N,) int64, and (N,) int64 of a difference
    promised : (N,) float32 what each map is to sum to, where the method promises that
    seconds : the method's wall time
    """

    maps: Array
    signed: bool
    logits: Array
    kind: str
    labels: Array
    against: Array | None
    promised: Array | None
    seconds: float

    def __post_init__(self) -> None:
        if self.maps.dtype != np.float32 or not len(self.maps) == len(self.logits) == len(self.labels):
            raise ValueError("saliency needs one float32 map per picture")

    @property
    def error(self) -> Array | None:
        """(N,): how far each map's sum is from what it is to be, in the score's unit."""
        return None if self.promised is None else np.asarray(_sums(self.maps) - self.promised)


def _sums(maps: Array) -> Array:
    """Return the sum of each map, (N,); in float64, as thousands of values cancel."""
    return np.asarray(maps.reshape(len(maps), -1).sum(1, dtype=np.float64))


@dataclass(frozen=True, eq=False, slots=True)
class Accounts:
    """A model's margin of the true class on N pictures of `shapes`, each with parts of it taken away.

    start : the place of the first in its split; labels : (N,) int64
    both, silhouette, cue, neither : (N,) float32, with what is named left in the picture; swapped : with the
        silhouette and another class's cue
    occluded : (N,) bool, noise covers the silhouette
    """

    start: int
    labels: Array
    both: Array
    silhouette: Array
    cue: Array
    neither: Array
    swapped: Array
    occluded: Array

    @property
    def whole(self) -> Array:
        """(N,): the margin owed to silhouette and cue together."""
        return np.asarray(self.both - self.neither)

    @property
    def owed_to_cue(self) -> Array:
        """(N,): the cue's Shapley value, the mean of what it adds to the ground and to the silhouette."""
        return np.asarray((self.both - self.silhouette + self.cue - self.neither) / 2)

    @property
    def owed_to_silhouette(self) -> Array:
        """(N,): the silhouette's Shapley value; with the cue's it sums to the whole."""
        return np.asarray((self.both - self.cue + self.silhouette - self.neither) / 2)


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """Where the mass of N maps of `shapes` lies, in shares of each map's sum of magnitudes, (N,) float32.

    silhouette : on the silhouette; field : on the pixels that carry the cue, whatever it does there
    cue : along the cue's pattern, from -1 to 1; None for maps that do not tell the channels apart
    area, field_area : the shares that a flat map has
    mass : the sum of magnitudes; where it is 0 there is nothing to share, and the shares are 0
    """

    mass: Array
    silhouette: Array
    field: Array
    cue: Array | None
    area: Array
    field_area: Array


@dataclass(frozen=True, eq=False, slots=True)
class AttackView:
    """The Attack page: one picture, one budget, model A beside model B.

    label : the true class as index, -1 where nobody said it
    a, b : the attack made on each model, on that model (one picture each)
    transfer_a : (K,) logits of model A at the picture made on B; transfer_b : of B at that made on A
    noise_a, noise_b : noise of the budget's size on many copies of the picture
    plane_a, plane_b : for points of the plane only
    """

    label: int
    a: AttackResult
    b: AttackResult
    transfer_a: Array
    transfer_b: Array
    noise_a: Control
    noise_b: Control
    plane_a: Plane | None = None
    plane_b: Plane | None = None
