"""Networks small enough to attack in a blink, and one whose optimum is known in closed form."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.models.build import build


@dataclass(frozen=True)
class Subject:
    """A model, its inputs, and the classes it predicts for them."""

    name: str
    model: nn.Module
    x: Tensor
    y: Tensor

    @property
    def others(self) -> Tensor:
        """A wrong class for each input: one of those that the model does give, as others cover next to nothing."""
        first, *more = self.y.unique()
        return torch.where(self.y == first, more[0], first)


def _subject(name: str, shape: tuple[int, ...], knobs: dict[str, object]) -> Subject:
    model = build(name, shape, 4, knobs, rng=generator(0)).eval()
    x = torch.rand((6, *shape), generator=generator(1))
    model.net.logits.bias.data -= model(x).mean(0).detach()  # so that several classes are predicted
    return Subject(name, model, x, model(x).argmax(1))


@pytest.fixture(params=["cnn", "mlp"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """Random weights on random images, and on random points of the plane."""
    if request.param == "cnn":
        return _subject("cnn", (1, 8, 8), {"width": 4, "stages": 1, "hidden": 8, "batchnorm": True})
    return _subject("mlp", (2,), {"width": 16})


@pytest.fixture
def cnn() -> Subject:
    """Random weights on random images."""
    return _subject("cnn", (1, 8, 8), {"width": 4, "stages": 1, "hidden": 8, "batchnorm": True})


@dataclass(frozen=True)
class Linear:
    """Two classes, logits (w·x, 0), x = 1/2 everywhere: the margin of class 0 is w·x, its optimum a dual norm."""

    model: nn.Module
    x: Tensor
    w: Tensor

    @property
    def margin(self) -> Tensor:
        """The clean margin, (N,)."""
        return self.x.flatten(1) @ self.w


@pytest.fixture
def linear() -> Linear:
    """Eight by eight pixels in the middle of the box, weights of both signs."""
    w = torch.randn(64, generator=generator(3))
    w[w.abs() < 0.02] = 0.02
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2, bias=False))
    model[1].weight.data = torch.stack([w, torch.zeros(64)])
    return Linear(model.eval(), torch.full((3, 1, 8, 8), 0.5), w)
