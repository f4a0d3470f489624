"""What is known of the distance at which a model's answer changes: proved from below, broken from above."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows

ROUNDING = 1e-5  # of a radius: what a search or float32 may leave of one that reaches a budget


@dataclass(frozen=True, eq=False, slots=True)
class Bracket:
    """What one method says of N pictures on one model.

    labels : (N,) int64, the answer that is to hold; said : (N,) int64, the model's own on the clean picture
    low : (N,) float32, within this distance the answer is certified; 0 where nothing is, or the model is wrong; of a
        probable method that of the smoothed model, whether or not the model itself is wrong
    high : (N,) float32, at this distance the answer is another; infinity where no such place is known
    seconds : the wall time of all N; sentence : why the method says nothing of this model, or what else is to be
        known of its answer, else ""

    Whether `low` is proved or only probable is a fact of the method.
    """

    labels: Array
    said: Array
    low: Array
    high: Array
    seconds: float
    sentence: str = ""

    def __post_init__(self) -> None:
        rows("what is known of pictures", self.labels, self.said, self.low, self.high)
        if (self.low > self.high * (1 + ROUNDING)).any():
            raise ValueError("an answer cannot hold beyond where it is broken")

    @property
    def right(self) -> Array:
        """(N,) bool: the model gives the answer that is to hold."""
        return np.asarray(self.said == self.labels)

    def certified(self, eps: float) -> Array:
        """(N,) bool: the model is right, and certified to be so within `eps`."""
        return np.asarray(self.right & (self.low >= eps * (1 - ROUNDING)))

    def held(self, eps: float) -> Array:
        """(N,) bool: certified within `eps` of the smoothed model, whatever the model itself says."""
        return np.asarray((self.low > 0) & (self.low >= eps * (1 - ROUNDING)))

    def standing(self, eps: float) -> Array:
        """(N,) bool: the model is right, and nothing known within `eps` breaks it."""
        return np.asarray(self.right & (self.high > eps * (1 + ROUNDING)))


@dataclass(frozen=True, eq=False, slots=True)
class Proofs:
    """The Certificate page's rulers and curves: model -> method -> what it says of the same pictures.

    norm : of all distances; top : how far was looked, in pixel units
    missing : how many answers are still on their way
    """

    models: Mapping[str, Mapping[str, Bracket]]
    norm: str
    top: float
    missing: int = 0
