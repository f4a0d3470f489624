"""What was recorded of a training, as it is seen from a plane through the trained weights."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows


@dataclass(frozen=True, eq=False, slots=True)
class Descent:
    """The way of one model's weights through its training: T recorded points, the last one the trained model.

    done : (T,) float64, the share of the training that was done; places : (T, 2) float64, on the plane, in its axes'
        units, (0, 0) the trained model
    off : (T,) float64, how far off the plane each point is; far : (T,) float64, how far it is from the trained model;
        both in l2
    explained : (2,) float64, the share of the points' variance that each axis explains
    unit : the length in l2 of 1 on the axes
    """

    done: Array
    places: Array
    off: Array
    far: Array
    explained: Array
    unit: float

    def __post_init__(self) -> None:
        rows("a descent", self.done, self.places, self.off, self.far)
        if self.places.shape[1:] != (2,) or self.explained.shape != (2,) or not self.unit > 0:
            raise ValueError("a descent needs a place on the plane for each point, and axes of some length")

    @property
    def aside(self) -> Array:
        """(T,) float64: the share of each point's distance from the trained model that lies off the plane."""
        return np.asarray(self.off / np.where(self.far > 0, self.far, 1.0))
