"""The shortest change that breaks a model, from both sides: what is proved, and what was found."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows, up_to

FINE = 1e-3  # the two sides of an answer that counts as decided differ by no more, relative


@dataclass(frozen=True, eq=False, slots=True)
class Exact:
    """How far the nearest picture with another class is from each of N pictures.

    norm : of the distance; limit : (N,) float64, how far it was looked
    low : (N,) float64, no picture nearer than this is given another class; at most `limit`
    high : (N,) float64, how far the nearest counterexample is that was found and tried on the model; infinite where
        none was; 0 where the picture itself is given another class
    x_adv : (N, ...) float32, that counterexample; the picture itself where there is none
    open_units : (N,) int64, the ReLUs that the programme had to decide on
    seconds : (N,) float64
    """

    norm: str
    limit: Array
    low: Array
    high: Array
    x_adv: Array
    open_units: Array
    seconds: Array

    def __post_init__(self) -> None:
        rows("exact distances", self.limit, self.low, self.high, self.x_adv, self.open_units, self.seconds)
        if not ((self.low >= 0) & (self.low <= up_to(self.limit))).all():
            raise ValueError("what is proved lies between 0 and the limit")
        if (self.low > up_to(self.high)).any():
            raise ValueError("a counterexample is nearer than what is proved")

    @property
    def decided(self) -> Array:
        """(N,) bool: both sides meet, or nothing within the limit is given another class."""
        return np.asarray((self.low >= self.limit) | (self.high - self.low <= FINE * np.minimum(self.high, self.limit)))
