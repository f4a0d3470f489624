import pytest

from explorer.core.device import generator
from explorer.core.types import Data, Threat
from explorer.data import load_data
from explorer.models.build import build


def _first(data: Data, count: int) -> Data:
    return Data(data.x[:count], data.y[:count], data.classes)


@pytest.fixture
def splits() -> tuple[Data, Data]:
    """200 handwritten digits to train on, 50 to test on."""
    return _first(load_data("digits", "train"), 200), _first(load_data("digits", "test"), 50)


@pytest.fixture
def fresh(splits):
    """A function that returns the same untrained network each time, batch norm included."""
    knobs = {"width": 4, "stages": 1, "hidden": 16, "batchnorm": True}
    return lambda: build("cnn", (1, 8, 8), 10, knobs, rng=generator(0), pixels=splits[0].x)


@pytest.fixture
def threat() -> Threat:
    return Threat("linf", 0.1)
