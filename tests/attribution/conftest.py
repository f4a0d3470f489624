"""Networks small enough to explain in a blink, and one that every method must explain by its weights."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from explorer.attribution.target import Target
from explorer.core.device import generator
from explorer.models.build import build

NETWORKS = {
    "cnn": ("cnn", (3, 8, 8), {"width": 3, "stages": 2, "hidden": 8, "batchnorm": True}),
    "pooled": ("cnn", (1, 8, 8), {"width": 3, "stages": 1, "hidden": 8, "down": "max"}),
    "resnet": ("resnet", (3, 8, 8), {"width": 2, "depth": 1}),
    "mlp": ("mlp", (1, 8, 8), {"width": 8}),
    "points": ("mlp", (2,), {"width": 16}),
}


@dataclass(frozen=True)
class Subject:
    """A model, its inputs, and targets of each kind."""

    name: str
    model: nn.Module
    x: Tensor

    @property
    def targets(self) -> dict[str, Target]:
        """A logit, a difference and the loss, other labels for each input."""
        labels = torch.arange(len(self.x)) % 4
        return {
            "logit": Target(labels),
            "difference": Target(labels, "difference", (labels + 1) % 4),
            "loss": Target(labels, "loss"),
        }


def subject_of(name: str) -> Subject:
    """Random weights, running statistics as after training, and random inputs with zeros in them."""
    architecture, shape, knobs = NETWORKS[name]
    x = torch.rand((5, *shape), generator=generator(1))
    model = build(architecture, shape, 4, knobs, rng=generator(0), pixels=x)
    rng = generator(2)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = torch.randn(layer.num_features, generator=rng) * 0.1
            layer.running_var = torch.rand(layer.num_features, generator=rng) + 0.5
    return Subject(name, model.eval(), x)


@pytest.fixture(params=NETWORKS)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each kind of network in turn."""
    return subject_of(request.param)


@pytest.fixture
def branched() -> Subject:
    """A network in which branches are added."""
    return subject_of("resnet")


@dataclass(frozen=True)
class Linear:
    """Logits w_k·x + b_k of three classes, pictures of one channel."""

    model: nn.Module
    x: Tensor
    w: Tensor
    b: Tensor


@pytest.fixture
def linear() -> Linear:
    """Six by six pixels, weights of both signs."""
    w, b = torch.randn((3, 36), generator=generator(3)), torch.randn(3, generator=generator(4))
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    model[1].weight.data, model[1].bias.data = w, b
    return Linear(model.eval(), torch.rand((4, 1, 6, 6), generator=generator(5)), w.view(3, 1, 6, 6), b)
