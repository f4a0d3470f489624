"""How far pictures are from the boundary, and what their surroundings hold: two models side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.evaluation import Judged
from explorer.core.results.geometry import Distances, Inside


@dataclass(frozen=True, eq=False, slots=True)
class Reached:
    """N pictures of a test set on one model: their distances along each kind of direction.

    places : (N,) int64, where they are in the test set; truth : (N,) int64, the true classes, -1 where nobody said it
    kinds : the kind's name -> the distances, "attack" among them
    """

    places: Array
    truth: Array
    kinds: Mapping[str, Distances]

    def __post_init__(self) -> None:
        rows("what is reached", self.places, self.truth, *(found.labels for found in self.kinds.values()))

    @property
    def right(self) -> Array:
        """(N,) bool: the model's answer is the true class; True where nobody said it."""
        return np.asarray((self.truth < 0) | (self.kinds["attack"].labels == self.truth))

    @property
    def times(self) -> Array:
        """(N,): how many times as far the median random line goes as the attack: see `Distances.times`."""
        return self.kinds["random"].times(self.kinds["attack"])


@dataclass(frozen=True, eq=False, slots=True)
class Reaches:
    """The same pictures on several models, by their names, model A first."""

    models: Mapping[str, Reached]

    @property
    def one(self) -> bool:
        """Whether they are the distances of a single picture."""
        return all(len(found.places) == 1 for found in self.models.values())


@dataclass(frozen=True, eq=False, slots=True)
class Insides:
    """What lies in the balls around the same pictures, by model, model A first.

    places : (N,) int64, where the pictures are in the test set
    models : how many of the points drawn are wrong
    judged : the smallest radius at which the attack breaks each picture; absent while it is computed
    """

    places: Array
    models: Mapping[str, Inside]
    judged: Mapping[str, Judged] = field(default_factory=dict)

    @property
    def one(self) -> bool:
        """Whether they are the balls around a single picture."""
        return len(self.places) == 1
