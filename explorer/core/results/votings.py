"""What the Certificate page shows of smoothed models, and of how steep models can be: one picture, A beside B."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.results.ladder import Ladder
from explorer.core.results.smoothing import Votes


@dataclass(frozen=True, eq=False, slots=True)
class Voted:
    """The votes of noisy copies of one picture, by model; label : its class, -1 where nobody said it."""

    models: Mapping[str, Votes]
    label: int


@dataclass(frozen=True, eq=False, slots=True)
class Ladders:
    """Bounds of how steep each model's margins are, by model; refused : model -> why there are none."""

    models: Mapping[str, Ladder]
    refused: Mapping[str, str] = field(default_factory=dict)
