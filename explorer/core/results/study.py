"""What was found of models that are compared as a whole: an arm for each way to train, of several seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.results._rows import Array


@dataclass(frozen=True, eq=False, slots=True)
class Arm:
    """Models that were trained in one way and differ in their seed alone: S of them.

    way : the recipe, and what sets it apart from others of the study ("pgd, warm-up")
    eps : the budget of the training in the unit of pixels, 0 for ordinary training
    models : their names, by seed
    figures : each (S,) float64; NaN where a model has no such figure
    data : the data set that they were trained on; rate : the learning rate, or its peak
    """

    way: str
    eps: float
    models: tuple[str, ...]
    figures: Mapping[str, Array]
    data: str = ""
    rate: float = 0.0

    def __post_init__(self) -> None:
        if len(self.models) < 2 or any(one.shape != (len(self.models),) for one in self.figures.values()):
            raise ValueError("an arm needs two models or more, and a figure of each")


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that was published, and whether these models bear it out.

    says : the claim; paper : what was reported, and where; found : what was measured here, with its interval
    holds : whether it holds here; None where the figures cannot tell; on : the data set of these models, or ""
    """

    says: str
    paper: str
    found: str
    holds: bool | None
    on: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """What an arm's models were like on the way through their training: S of them at T places.

    way, eps, models, data, rate : as in `Arm`
    share : the part of the training that was done, (T,) float64 from 0 to 1
    loss, eigenvalue : (S, T) float64, at the budget of the training's end throughout
    """

    way: str
    eps: float
    models: tuple[str, ...]
    share: Array
    loss: Array
    eigenvalue: Array
    data: str = ""
    rate: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Study:
    """The arms of a study, by data set and budget, the claims they are held against, and courses where recorded."""

    arms: tuple[Arm, ...]
    claims: tuple[Claim, ...]
    courses: tuple[Course, ...] = ()
