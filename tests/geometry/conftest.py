"""Models whose boundary is known in closed form, and one with a curved one."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.models.build import build


@dataclass(frozen=True)
class Linear:
    """Two classes, logits (w·x + b, 0), pictures (N, 1, 8, 8) of class 0."""

    model: nn.Module
    x: Tensor
    w: Tensor
    b: float

    @property
    def margin(self) -> Tensor:
        """The clean margin, (N,)."""
        return self.x.flatten(1) @ self.w + self.b


@pytest.fixture
def linear() -> Linear:
    """Eight by eight pixels around the middle of the box, weights of both signs."""
    w, b = torch.randn(64, generator=generator(3)), 1.0
    x = 0.5 + 0.05 * torch.randn((4, 1, 8, 8), generator=generator(4))
    b = 1.0 - float((x.flatten(1) @ w).min())
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    model[1].weight.data, model[1].bias.data = torch.stack([w, torch.zeros(64)]), torch.tensor([b, 0.0])
    return Linear(model.eval().requires_grad_(False), x, w, b)


@dataclass(frozen=True)
class Network:
    """A model and its inputs."""

    model: nn.Module
    x: Tensor


@pytest.fixture
def network() -> Network:
    """Random weights on random pictures, several of its four classes predicted."""
    shape = (1, 8, 8)
    model = build("cnn", shape, 4, {"width": 4, "stages": 1, "hidden": 8}, rng=generator(0)).eval()
    x = torch.rand((6, *shape), generator=generator(1))
    model.net.logits.bias.data -= model(x).mean(0).detach()
    return Network(model.requires_grad_(False), x)
