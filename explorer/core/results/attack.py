"""What an attack found on some pictures, and what the Attack page shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.core.results._rows import Array, rows, up_to


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
        rows("an attack result", self.x, self.logits, self.labels, self.success, *self.distance.values())

    @property
    def correct(self) -> Array:
        """(N,) bool: an untargeted goal's label is still predicted at x_adv."""
        return np.asarray(self.logits_adv.argmax(1) == self.labels)

    def within(self, norm: str, eps: float) -> Array:
        """(N,) bool: the goal is reached by a change no longer than `eps`, up to rounding."""
        return np.asarray(self.success & (self.distance[norm] <= up_to(eps)))


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
        rows("a control", self.changed, self.distance, self.logits)


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """What a model says on all of [0, 1]²: probabilities (G, G, K) float32, row = second coordinate, upwards."""

    probabilities: Array


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
