"""Every affine layer that bounds know: its transpose, its shift, its spread."""

import pytest
import torch
from torch import nn

from explorer.certificates._affine import Affine, is_affine
from explorer.core.device import generator
from explorer.models import _layers as ours
from explorer.models.build import Normalise

PLANE = (3, 6, 5)


def norm(layer):
    layer.running_mean.uniform_(-1, 1, generator=generator(5))
    layer.running_var.uniform_(0.5, 2, generator=generator(6))
    layer.weight.data.uniform_(-1, 1, generator=generator(7))
    return layer


def fixed(how, left=False, shape=(3, 1, 1)):
    layer = ours.Fixed(how, shape, left)
    layer.constant.uniform_(0.5, 2, generator=generator(8))
    return layer


LAYERS = {
    "linear": (nn.Linear(4, 3), (4,)),
    "linear on the last axis": (nn.Linear(5, 3), PLANE),
    "conv": (nn.Conv2d(3, 9, 3, 2, 1), PLANE),
    "conv to few channels": (nn.Conv2d(2, 3, 2, (1, 2), (0, 1), (2, 1)), (2, 6, 5)),
    "conv from few channels, some values left over": (nn.Conv2d(3, 4, (2, 3), (4, 2)), PLANE),
    "conv in groups": (nn.Conv2d(3, 6, 3, padding=1, groups=3, bias=False), PLANE),
    "batch norm": (norm(nn.BatchNorm2d(3)), PLANE),
    "batch norm of units": (norm(nn.BatchNorm1d(4)), (4,)),
    "batch norm without weights": (nn.BatchNorm2d(3, affine=False), PLANE),
    "normalise": (Normalise(torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 1.0, 2.0]), 2), PLANE),
    "average": (nn.AvgPool2d(2, ceil_mode=True), PLANE),
    "average of the whole": (nn.AdaptiveAvgPool2d(1), PLANE),
    "flatten": (nn.Flatten(), PLANE),
    "identity": (nn.Identity(), PLANE),
    "dropout": (nn.Dropout(), PLANE),
    "reshape": (ours.Reshape((6, 15)), PLANE),
    "permute": (ours.Permute((0, 2, 3, 1)), PLANE),
    "mean": (ours.Mean((2, 3), False), PLANE),
    "slice": (ours.Slice(((0, 2, 1), (1, 6, 2), (0, 5, 1))), PLANE),
    "pad": (ours.Pad((1, 2, 0, 1), 0.0), PLANE),
    "plus a constant": (fixed("add"), PLANE),
    "minus a constant": (fixed("sub"), PLANE),
    "a constant minus": (fixed("sub", True), PLANE),
    "times a constant": (fixed("mul", shape=PLANE), PLANE),
    "by a constant": (fixed("div"), PLANE),
}


@pytest.fixture(params=LAYERS)
def affine(request):
    layer, inputs = LAYERS[request.param]
    layer = layer.eval().double()
    assert is_affine(layer)
    return Affine(layer, inputs, tuple(layer(torch.zeros(1, *inputs, dtype=torch.float64)).shape[1:]))


def test_the_transpose_is_the_linear_part_s(affine):
    rng = generator(0)
    x = torch.randn(4, *affine.inputs, generator=rng, dtype=torch.float64)
    rows = torch.randn(4, *affine.outputs, generator=rng, dtype=torch.float64)
    shift = affine.shift(x)
    back = affine.back(rows)
    assert back.shape == x.shape
    ahead = (rows * (affine.value(x) - shift)).flatten(1).sum(1)
    assert torch.allclose(ahead, (back * x).flatten(1).sum(1), atol=1e-10)


def test_the_spread_is_what_the_corners_reach(affine):
    """Of each value: the corner whose signs are those of its weights."""
    rng = generator(1)
    radius = torch.rand(1, *affine.inputs, generator=rng, dtype=torch.float64)
    count = affine.shift(radius).numel()
    weights = affine.back(torch.eye(count, dtype=torch.float64).view(count, *affine.outputs))
    reached = (weights.abs() * radius).flatten(1).sum(1)
    assert torch.allclose(affine.spread(radius).flatten(), reached, atol=1e-5)
    assert (affine.spread(radius).flatten() >= reached - 1e-12).all()


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 1, 3, padding="same"),
        nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"),
        nn.BatchNorm2d(1, track_running_stats=False),
        fixed("div", True),
        ours.Pad((1, 1), -1.0),
        nn.Sigmoid(),
        nn.Softmax(1),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_is_not_affine_or_not_known_is_not_taken(layer):
    assert not is_affine(layer)
