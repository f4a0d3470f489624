"""What a data set's trainings are, where a person leaves it open: small enough to be looked on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.knobs import Value


@dataclass(frozen=True, slots=True)
class Usual:
    """A network and how it is trained in some seconds, at most a few minutes, on one core.

    pictures : of the training set, the first ones; 0 for all
    """

    architecture: str
    network: Mapping[str, Value] = field(default_factory=dict)
    epochs: int = 12
    rate: float = 0.003
    batch: int = 64
    pictures: int = 0


USUAL = {
    "toy": Usual("mlp", {"width": 64, "depth": 2}, epochs=36, rate=0.01, batch=50),
    "digits": Usual("cnn", {"width": 16, "stages": 2, "hidden": 32}, epochs=24),
    "shapes": Usual("cnn", {"width": 8, "stages": 3, "hidden": 32}, pictures=2000),
    "mnist": Usual("cnn", {"width": 8, "stages": 2, "hidden": 20}, pictures=5000),
}
DEPTH = {"mlp": "depth", "cnn": "stages", "quantised": "stages", "binary": "stages", "resnet": "depth"}
