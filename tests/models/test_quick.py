import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.models._quick import Flatten, PatchConv2d, quicken


def value_and_gradient(layer: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_(True)
    out = layer(x)
    weights = torch.rand(out.shape, generator=generator(2))
    return out.detach(), torch.autograd.grad((out * weights).sum(), x)[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 3},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 1), "dilation": (1, 2)},
        {"kernel_size": 2, "bias": False},
    ],
)
def test_a_patch_convolution_is_the_convolution(settings):
    conv = nn.Conv2d(1, 5, **settings).requires_grad_(False)
    x = torch.rand((4, 1, 9, 8), generator=generator(0))
    for found, expected in zip(value_and_gradient(PatchConv2d(conv), x), value_and_gradient(conv, x), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 7)])
def test_flattening_is_flattening(memory, shape):
    x = torch.rand(shape, generator=generator(0))
    x = x.contiguous(memory_format=memory) if x.ndim == 4 else x
    for found, expected in zip(value_and_gradient(Flatten(), x), value_and_gradient(nn.Flatten(), x), strict=True):
        assert torch.equal(found, expected)


def test_the_gradient_keeps_the_order_of_a_channels_last_input():
    x = torch.rand(2, 3, 4, 5).contiguous(memory_format=torch.channels_last).requires_grad_(True)
    ours, theirs = (torch.autograd.grad(layer(x * 2).sum(), x)[0] for layer in (Flatten(), nn.Flatten()))
    assert ours.is_contiguous(memory_format=torch.channels_last)
    assert not theirs.is_contiguous(memory_format=torch.channels_last)


def test_only_what_suits_is_replaced():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 4, 3, groups=4),
        nn.Conv2d(1, 4, 3, padding="same"),
        nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"),
        nn.Flatten(),
        nn.Flatten(2),
    )
    quicken(model)
    kinds = [type(layer) for layer in model]
    assert kinds == [PatchConv2d, *[nn.Conv2d] * 4, Flatten, nn.Flatten]
