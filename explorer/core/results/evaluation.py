"""What an evaluation found: how many pictures stand, who is fooled by whose, whether it is to be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.core.results._rows import Array, rows, up_to


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
        rows("what is judged", self.labels, self.clean, self.adversarial, self.radius)

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
        rows("what is shown to others", *self.correct.values())


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
        rows("what is probed", self.vanished)
        if self.loss.ndim != 1 or not len(self.loss):
            raise ValueError("what is probed needs its loss at each step")
