import pytest
import torch
from torch import nn
from torch.fx import symbolic_trace

from explorer.core.device import generator
from explorer.models._quick import FlatLinear, PatchConv2d, quicken, refresh
from explorer.models.build import build
from explorer.models.prepare import prepare

CHANNELS_LAST = torch.channels_last


def value_and_gradient(layer: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_(True)
    out = layer(x)
    weights = torch.rand(out.shape, generator=generator(2))
    return out.detach(), torch.autograd.grad((out * weights).sum(), x)[0]


WINDOWS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3, "padding": 1},  # the windows leave values out
    {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 1), "dilation": (1, 2)},
    {"kernel_size": 2, "bias": False},
]


@pytest.mark.parametrize("memory", [torch.contiguous_format, CHANNELS_LAST])
@pytest.mark.parametrize("shape", [(4, 1, 9, 8), (1, 2, 7, 10)])
@pytest.mark.parametrize("settings", WINDOWS)
def test_a_patch_convolution_is_the_convolution(settings, shape, memory):
    conv = nn.Conv2d(shape[1], 5, **settings).requires_grad_(False)
    x = torch.rand(shape, generator=generator(0)).contiguous(memory_format=memory)
    layer = PatchConv2d(conv).to(memory_format=memory)
    for found, expected in zip(value_and_gradient(layer, x), value_and_gradient(conv, x), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_a_patch_convolution_can_be_differentiated_twice():
    layer = PatchConv2d(nn.Conv2d(1, 3, 3, 2, 1)).double()
    x = torch.rand((2, 1, 5, 6), generator=generator(0), dtype=torch.float64).requires_grad_(True)
    assert torch.autograd.gradcheck(layer, x)
    assert torch.autograd.gradgradcheck(lambda x: layer(x) ** 2, x)


@pytest.mark.parametrize("memory", [torch.contiguous_format, CHANNELS_LAST])
@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 5, 4), (6, 1, 1), (7,)])
def test_a_flat_linear_layer_is_flattening_and_a_linear_layer(shape, memory):
    x = torch.rand((4, *shape), generator=generator(0))
    x = x.contiguous(memory_format=memory) if x.ndim == 4 else x
    linear = nn.Linear(x[0].numel(), 5).requires_grad_(False)
    expected = value_and_gradient(nn.Sequential(nn.Flatten(), linear), x)
    for found, wanted in zip(value_and_gradient(FlatLinear(linear), x), expected, strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)


def test_a_flat_linear_layer_follows_a_change_of_the_picture():
    linear = nn.Linear(24, 5)
    layer = FlatLinear(linear)
    for shape in [(2, 3, 4), (2, 4, 3), (2, 3, 4)]:
        x = torch.rand((2, *shape), generator=generator(0)).contiguous(memory_format=CHANNELS_LAST)
        torch.testing.assert_close(layer(x), linear(x.flatten(1)), atol=1e-6, rtol=1e-5)


def test_the_gradient_keeps_the_order_of_a_channels_last_input():
    x = torch.rand(2, 3, 4, 5).contiguous(memory_format=CHANNELS_LAST).requires_grad_(True)
    linear = nn.Linear(60, 2)
    layers = FlatLinear(linear), nn.Sequential(nn.Flatten(), linear)
    ours, theirs = (torch.autograd.grad(layer(x * 2).sum(), x)[0] for layer in layers)
    assert ours.is_contiguous(memory_format=CHANNELS_LAST)
    assert not theirs.is_contiguous(memory_format=CHANNELS_LAST)


def test_only_what_suits_is_replaced():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 4, 3, groups=4),
        nn.Conv2d(1, 4, 3, padding="same"),
        nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"),
    )
    quicken(model)
    assert [type(layer) for layer in model] == [PatchConv2d, *[nn.Conv2d] * 4]


class Twice(nn.Module):
    """A flattening that two layers read."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.one, self.two = nn.Flatten(), nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.flat(x)
        return self.one(x) - self.two(x)


class Often(nn.Module):
    """Flattening and linear layers that are called more than once."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.linear = nn.Flatten(), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(self.flat(self.linear(self.flat(x)).view_as(x)).relu())


@pytest.mark.parametrize(
    ("model", "joined"),
    [
        (nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(4, 2)), 1),
        (nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(4, 2)), 0),
        (nn.Sequential(nn.Flatten(2), nn.Linear(4, 2)), 0),
        (nn.Sequential(nn.Flatten()), 0),
        (Twice(), 2),
        (Often(), 0),
    ],
)
def test_only_a_linear_layer_after_a_flattening_joins_it(model, joined):
    x = torch.rand((3, 1, 2, 2), generator=generator(0))
    expected = value_and_gradient(model, x)
    traced = symbolic_trace(model)
    quicken(traced)
    assert sum(isinstance(layer, FlatLinear) for layer in traced.modules()) == joined
    for found, wanted in zip(value_and_gradient(traced, x), expected, strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)


class Skipping(nn.Module):
    """A ReLU whose input is read again, and one whose input's layer needs its output for the gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.one, self.gate, self.two = nn.Conv2d(1, 2, 1), nn.ReLU(), nn.Sigmoid(), nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        return self.one(x) + x + self.two(self.gate(x))


relu = nn.ReLU()


@pytest.mark.parametrize(
    ("model", "over"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3), nn.ReLU()), 2),
        (nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.ReLU()), 1),
        (nn.Sequential(nn.ReLU(), nn.ReLU(), nn.Conv2d(2, 2, 1)), 0),
        (nn.Sequential(relu, nn.Conv2d(2, 2, 1), relu), 0),
        (Skipping(), 0),
    ],
)
def test_a_relu_writes_over_its_input_where_nothing_else_reads_it(model, over):
    x = torch.rand((3, next(p for p in model.parameters() if p.ndim == 4).shape[1], 2, 2), generator=generator(0)) - 0.5
    before, expected = x.clone(), value_and_gradient(model.eval(), x)
    traced = symbolic_trace(model)
    quicken(traced)
    assert sum(layer.inplace for layer in traced.modules() if isinstance(layer, nn.ReLU)) == over
    for found, wanted in zip(value_and_gradient(traced, x), expected, strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)
    assert torch.equal(x, before)


def test_weights_put_into_a_prepared_model_are_its_weights():
    models = [build("cnn", (1, 8, 8), 3, {"width": 2, "batchnorm": True}, rng=generator(k)).eval() for k in (0, 1)]
    x = torch.rand((4, 1, 8, 8), generator=generator(2))
    moved = prepare(models[0], fold=False)
    value_and_gradient(moved, x)
    with torch.no_grad():
        for name, place in moved.named_parameters():
            if name in dict(models[1].named_parameters()):
                place.copy_(models[1].get_parameter(name))
    refresh(moved)
    assert any(isinstance(layer, PatchConv2d) for layer in moved.modules())
    assert any(isinstance(layer, FlatLinear) for layer in moved.modules())
    for found, expected in zip(value_and_gradient(moved, x), value_and_gradient(models[1], x), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
