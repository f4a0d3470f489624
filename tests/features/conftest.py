"""Networks small enough to draw with in a blink, and linear ones, whose drawings are known in closed form."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.models.build import build

NETWORKS = {
    "cnn": ("cnn", (1, 8, 8), {"width": 4, "stages": 1, "hidden": 8, "batchnorm": True}),
    "pooled": ("cnn", (1, 8, 8), {"width": 3, "stages": 1, "hidden": 8, "down": "max"}),
    "resnet": ("resnet", (3, 8, 8), {"width": 2, "depth": 1}),
    "mlp": ("mlp", (1, 8, 8), {"width": 8}),
    "no hidden layer": ("mlp", (1, 8, 8), {"depth": 0}),
    "quantised": ("quantised", (1, 8, 8), {"width": 3, "stages": 1, "hidden": 8}),
}
UNITS = {"cnn": 8, "pooled": 8, "resnet": 16, "mlp": 8, "no hidden layer": 64, "quantised": 8}


@dataclass(frozen=True)
class Subject:
    """A model of four classes, pictures, and how many units its representation has."""

    name: str
    model: nn.Module
    x: Tensor
    size: int


def subject_of(name: str) -> Subject:
    """Random weights, random pictures."""
    architecture, shape, knobs = NETWORKS[name]
    x = torch.rand((4, *shape), generator=generator(1))
    return Subject(name, build(architecture, shape, 4, knobs, rng=generator(0), pixels=x).eval(), x, UNITS[name])


@pytest.fixture(params=NETWORKS)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each architecture in turn."""
    return subject_of(request.param)


@pytest.fixture
def cnn() -> Subject:
    return subject_of("cnn")


@dataclass(frozen=True)
class Linear:
    """Two layers without a ReLU: R(x) = m·x of five units, logits (v·R(x), 0)."""

    model: nn.Module
    x: Tensor
    m: Tensor
    w: Tensor


@pytest.fixture
def linear() -> Linear:
    """Six by six pixels in the middle of the box; w is what the first logit is linear in."""
    m, v = torch.randn((5, 36), generator=generator(3)), torch.randn(5, generator=generator(4))
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 5, bias=False), nn.Linear(5, 2, bias=False))
    model[1].weight.data, model[2].weight.data = m, torch.stack([v, torch.zeros(5)])
    x = 0.5 + 0.02 * torch.randn((3, 1, 6, 6), generator=generator(5))
    return Linear(model.eval(), x, m, v @ m)
