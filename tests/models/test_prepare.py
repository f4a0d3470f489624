import copy

import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.models.build import build
from explorer.models.prepare import prepare

CASES = [
    ("mlp", (2,), {}),
    ("mlp", (1, 8, 8), {}),
    ("cnn", (1, 8, 8), {"batchnorm": False}),
    ("cnn", (3, 8, 8), {"batchnorm": True, "down": "max"}),
    ("resnet", (3, 8, 8), {"width": 8}),
]


def worn(name: str, shape: tuple[int, ...], knobs: dict[str, object]) -> tuple[nn.Module, torch.Tensor]:
    """A network whose batch norm has seen data: means, spreads, scales and shifts of its own."""
    model = build(name, shape, 5, knobs, rng=generator(0))
    rng = generator(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 2, generator=rng)
            module.bias.data.normal_(generator=rng)
            module.running_mean.normal_(generator=rng)
            module.running_var.uniform_(0.5, 2, generator=rng)
    return model.eval(), torch.rand((6, *shape), generator=rng)


def norms(model: nn.Module) -> int:
    return sum(isinstance(m, nn.BatchNorm2d) for m in model.modules())


@pytest.mark.parametrize(("name", "shape", "knobs"), CASES)
def test_a_prepared_network_says_the_same(name, shape, knobs):
    model, x = worn(name, shape, knobs)
    fast = prepare(model)
    with torch.no_grad():
        logits, found = model(x), fast(x)
    torch.testing.assert_close(found, logits, atol=1e-5 * max(1.0, float(logits.abs().max())), rtol=0)
    assert not any(p.requires_grad for p in fast.parameters())
    assert not any(m.training for m in fast.modules())


@pytest.mark.parametrize(("name", "shape", "knobs"), CASES)
@pytest.mark.parametrize("training", [False, True])
def test_preparing_leaves_the_original_alone(name, shape, knobs, training):
    model, x = worn(name, shape, knobs)
    model.train(training)
    model(x).sum().backward()
    before = copy.deepcopy(model.state_dict())
    grads = [p.grad.clone() for p in model.parameters()]
    prepare(model)
    assert model.training is training
    assert all(torch.equal(a, b) for a, b in zip(before.values(), model.state_dict().values(), strict=True))
    assert all(p.requires_grad for p in model.parameters())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert all(p.is_contiguous() for p in model.parameters())


def test_batch_norm_after_a_convolution_is_folded():
    """A pre-activation block keeps its first norm (an addition comes before it) and loses its second."""
    resnet, _ = worn("resnet", (3, 8, 8), {"width": 8})
    assert (norms(resnet), norms(prepare(resnet))) == (9, 5)
    cnn, _ = worn("cnn", (3, 8, 8), {"batchnorm": True})
    assert (norms(cnn), norms(prepare(cnn))) == (2, 0)


def test_what_two_layers_share_is_not_folded():
    shared = nn.Conv2d(2, 2, 3, padding=1)
    model = nn.Sequential(shared, nn.BatchNorm2d(2), nn.ReLU(), shared, nn.BatchNorm2d(2)).eval()
    model[1].running_mean.fill_(0.5)
    fast, x = prepare(model), torch.rand(3, 2, 4, 4)
    assert norms(fast) == 2
    torch.testing.assert_close(fast(x), model(x), atol=1e-6, rtol=0)


def test_two_norms_in_a_row_are_both_folded():
    model = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.BatchNorm2d(2)).eval()
    for i in (1, 2):
        model[i].running_mean.fill_(i)
        model[i].running_var.fill_(i + 3)
    fast, x = prepare(model), torch.rand(3, 2, 4, 4)
    assert norms(fast) == 0
    torch.testing.assert_close(fast(x), model(x), atol=1e-6, rtol=0)


def test_convolutions_run_channels_last():
    fast = prepare(worn("resnet", (3, 8, 8), {"width": 8})[0])
    weights = [m.weight for m in fast.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    assert len(weights) == 9
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in weights)


class Centred(nn.Conv2d):
    """A convolution of another kind: it takes its kernel's mean away."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, self.weight - self.weight.mean(), self.bias)


def test_layers_of_another_kind_are_left_alone():
    model = nn.Sequential(Centred(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(2)).eval()
    model[1].running_mean.fill_(0.5)
    x = torch.rand(3, 1, 5, 5)
    torch.testing.assert_close(prepare(model)(x), model(x), atol=1e-6, rtol=0)


class Branching(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x) if x.sum() > 0 else -self.linear(x)


class Counting(Branching):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x) * len(x) + float(x.sum())


@pytest.mark.parametrize("network", [Branching, Counting])
def test_a_network_that_cannot_be_traced_is_copied(network):
    model, x = network(), torch.tensor([[0.3, 0.4], [-1.0, -2.0]])
    fast = prepare(model)
    assert fast is not model
    assert torch.equal(fast(x), model(x))
    assert not any(p.requires_grad for p in fast.parameters())
    assert all(p.requires_grad for p in model.parameters())
