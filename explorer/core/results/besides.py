"""What the Certificate page shows of boxes, of smoothed models, and of how steep models can be, A beside B."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.results._rows import Array
from explorer.core.results.boxes import Boxes
from explorer.core.results.ladder import Ladder
from explorer.core.results.smoothing import Votes


@dataclass(frozen=True, eq=False, slots=True)
class Voted:
    """The votes of noisy copies of one picture, by model; label : its class, -1 where nobody said it."""

    models: Mapping[str, Votes]
    label: int


@dataclass(frozen=True, eq=False, slots=True)
class Ladders:
    """Bounds of how steep each model's margins are, by model.

    refused : model -> why there are none; order : the models as they are shown, A first
    """

    models: Mapping[str, Ladder]
    refused: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Boxed:
    """Certified boxes by model, of the same pictures.

    x : (N, ...) float32, the pictures; y : (N,) int64, their classes, -1 where nobody said them
    seconds : by model; refused : model -> why it has none; order : the models as they are shown, A first
    alike : model -> "same", "other", "difference" -> (4,) float64: the mean correlation of two pictures' maps of log
        eps, how many pictures it is of, and the ends of its 95 % interval; of many pictures only
    """

    models: Mapping[str, Boxes]
    x: Array
    y: Array
    seconds: Mapping[str, float]
    refused: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
