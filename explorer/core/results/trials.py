"""What trainings came to that are compared: several of each kind, which differ in their seed alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.core.results._rows import Array
from explorer.core.results.study import Claim


@dataclass(frozen=True, eq=False, slots=True)
class Trials:
    """Trainings that differ in their seed alone: S of them.

    name, title : of the kind; settings : what they share, as in the plans of the zoo
    seeds : (S,); history : by name, each (S, E), a column per epoch as `training.loop.fit` tells of it
    figures : by name, each (S,) float64, one number of each training; NaN where one has no such figure
    seconds : (S,), how long each took; looked : of each, what else the study has measured at the end,
        numbers and arrays
    """

    name: str
    title: str
    settings: Mapping[str, Any]
    seeds: tuple[int, ...]
    history: Mapping[str, Array]
    figures: Mapping[str, Array]
    seconds: Array
    looked: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        size = len(self.seeds)
        if size < 2 or any(len(one) != size for one in (*self.history.values(), *self.figures.values(), self.seconds)):
            raise ValueError("trials are two trainings or more, and every column has a row for each")


@dataclass(frozen=True, eq=False, slots=True)
class Experiment:
    """A study's trials, kind by kind, and the claims that they are held against.

    units : what the figures are, by name, in words: the columns of its table
    again : the command that trains them anew
    """

    name: str
    trials: tuple[Trials, ...]
    claims: tuple[Claim, ...]
    units: Mapping[str, str]
    again: str

    def of(self, name: str) -> Trials:
        """Return the trials of one kind."""
        return next(one for one in self.trials if one.name == name)
