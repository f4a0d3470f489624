"""Small networks, with batch norm and without, and pictures for them."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.models.build import build


@dataclass(frozen=True)
class Case:
    """A model, pictures and their labels."""

    model: nn.Module
    x: Tensor
    y: Tensor


def small(**knobs: object) -> Case:
    shape = (1, 8, 8)
    model = build("cnn", shape, 4, {"width": 4, "stages": 1, "hidden": 8, **knobs}, rng=generator(0)).eval()
    x = torch.rand((40, *shape), generator=generator(1))
    y = torch.randint(4, (40,), generator=generator(2))
    return Case(model.requires_grad_(False), x, y)


@pytest.fixture
def plain() -> Case:
    """A convolution and two linear layers, with biases."""
    return small(down="max")


@pytest.fixture
def normed() -> Case:
    """One with batch norm, whose statistics are some pictures'."""
    case = small(batchnorm=True)
    case.model.train()
    with torch.no_grad():
        case.model(case.x)
    return Case(case.model.eval(), case.x, case.y)


@pytest.fixture
def line() -> Case:
    """Two classes with logits (w·x + b, 0) on pictures of 8 × 8."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    model[1].weight.data = torch.stack([torch.randn(64, generator=generator(3)), torch.zeros(64)])
    model[1].bias.data = torch.tensor([0.3, 0.0])
    x = torch.rand((12, 1, 8, 8), generator=generator(4))
    return Case(model.eval().requires_grad_(False), x, torch.arange(12) % 2)
