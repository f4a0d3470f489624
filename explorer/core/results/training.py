"""What a training under way has come to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array
from explorer.core.results.attack import Plane


@dataclass(frozen=True, eq=False, slots=True)
class Struck:
    """Test pictures x (M, ...) under a quick attack on a model in training: x_adv, and the answers to both (M,)."""

    x: Array
    x_adv: Array
    labels: Array
    said: Array
    said_adv: Array

    def __post_init__(self) -> None:
        if self.x.shape != self.x_adv.shape:
            raise ValueError("each picture has one under attack")
        if not len(self.x) == len(self.labels) == len(self.said) == len(self.said_adv):
            raise ValueError("a label and two answers belong to each picture")


@dataclass(frozen=True, eq=False, slots=True)
class Stretched:
    """A training after some of its epochs.

    history : (E,) float64 each, by name: what `training.loop.fit` tells of every epoch so far
    epochs : how many it is to have; watched : of how many pictures the history's accuracies are
    checkpoint : (B,) uint8, from which it goes on; seconds : spent so far
    plane : how the model divides the plane, where its data are points; else struck : some pictures under attack
    """

    history: Mapping[str, Array]
    epochs: int
    watched: int
    checkpoint: Array
    seconds: float
    plane: Plane | None
    struck: Struck | None

    def __post_init__(self) -> None:
        if {len(values) for values in self.history.values()} != {len(self.history["epoch"])}:
            raise ValueError("every quantity needs a value for each epoch")
        if not 0 < len(self.history["epoch"]) <= self.epochs:
            raise ValueError("a training has at least one epoch behind it, and no more than it is to have")
        if (self.plane is None) == (self.struck is None):
            raise ValueError("points have a plane, pictures are attacked")
        if self.checkpoint.dtype != np.uint8:
            raise ValueError("a checkpoint is bytes")

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return len(self.history["epoch"]) == self.epochs


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """Two trainings beside each other, each as the stretches that are there, in their order; () where none is yet.

    recipes : the names of the recipes
    """

    recipes: tuple[str, str]
    a: tuple[Stretched, ...]
    b: tuple[Stretched, ...]

    @property
    def both(self) -> tuple[tuple[Stretched, ...], tuple[Stretched, ...]]:
        """Those of the left, those of the right."""
        return self.a, self.b
