"""What is measured of maps over many pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.evaluation import Judged


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """N pictures of a test set under one measure.

    start : the place of the first
    values : name -> (N,) float32, or (N, K) of a curve; NaN where a picture has none
    seconds : wall time
    places : the names of a curve's K places, each with its number; empty where they have none of their own
    """

    start: int
    values: Mapping[str, Array]
    seconds: float
    places: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows("what is measured", *self.values.values())

    def known(self, name: str) -> Array:
        """Return the rows of a value that are numbers throughout."""
        value = self.values[name]
        return np.asarray(value[np.isfinite(value.reshape(len(value), -1)).all(1)])


@dataclass(frozen=True, eq=False, slots=True)
class Measures:
    """One measure over the same pictures, of several models.

    measure, title : its name, and what it is called
    models : model -> method -> what was measured, nothing of a model that was refused; what compares models A and B
        is under A's name
    values, curves : name -> what it is, for an axis
    judged : model -> how it stands under attack, where that is set against the measure; budget : that of the attack,
        in pixel units (in l0 pixels)
    refused : "model, method" -> why there is no measure of that
    """

    measure: str
    title: str
    models: Mapping[str, Mapping[str, Measured]]
    values: Mapping[str, str]
    curves: Mapping[str, str]
    judged: Mapping[str, Judged] = field(default_factory=dict)
    budget: float = 0.0
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> Mapping[str, Mapping[str, Measured]]:
        """The models of which something was measured."""
        return {model: methods for model, methods in self.models.items() if methods}
