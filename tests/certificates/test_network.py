"""A model as steps: read as it is, or refused in a sentence that names why."""

import pytest
import torch
from proving import small_cnn
from torch import Tensor, nn

from explorer.certificates.network import INPUT, read
from explorer.core.errors import UserError
from explorer.models import _layers as ours


def run(net, x: Tensor) -> Tensor:
    """Compute a network by its steps."""
    values = {INPUT: x}
    for index, step in enumerate(net.steps):
        inputs = [values[source] for source in step.sources]
        if step.affine is not None:
            values[index] = step.affine.value(*inputs)
        elif step.kind == "sum":
            values[index] = inputs[0] + inputs[1]
        else:
            values[index] = inputs[0].relu() if step.kind == "relu" else step.pool(*inputs)
        assert values[index].shape[1:] == step.shape
    return values[len(net.steps) - 1]


def test_the_steps_compute_what_the_model_does(subject):
    assert torch.equal(run(subject.net, subject.x), subject.model(subject.x))
    assert subject.net.classes == subject.model(subject.x).shape[1]


def test_the_weights_are_the_model_s_own():
    subject = small_cnn("stride")
    net = subject.net
    subject.model.net.conv0.weight.data.mul_(2)
    assert torch.equal(run(net, subject.x), subject.model(subject.x))


def test_inner_steps_are_those_before_a_relu_or_a_maximum():
    net = small_cnn("max").net
    kinds = [net.steps[index].kind for index in net.inner]
    assert kinds == ["affine", "relu", "affine", "relu", "affine"]


class Asks(nn.Module):
    """Computes in another way where values are large."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Doubles(nn.Module):
    """Adds a value to itself, by a function."""

    def forward(self, x: Tensor) -> Tensor:
        return x + x


def widening() -> nn.Module:
    layer = ours.Fixed("add", (1, 4, 3))
    return nn.Sequential(layer, nn.Flatten(), nn.Linear(12, 2))


REFUSED = {
    "asks for values": (nn.Sequential(Asks(), nn.Linear(3, 2)), "asks for values"),
    "a function": (nn.Sequential(Doubles(), nn.Linear(3, 2)), "no bound here knows its layer add"),
    "no logits": (nn.Sequential(nn.Linear(3, 4), nn.Unflatten(1, (2, 2))), r"\(Unflatten\)"),
    "planes at the end": (nn.Sequential(nn.Identity(), ours.Reshape((1, 3))), "one number per class"),
    "an activation": (nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), r"its layer 1 \(Tanh\)"),
    "a product": (nn.Sequential(ours.HardSigmoid(1.0, 0.0), nn.Linear(3, 2)), r"\(HardSigmoid\)"),
    "a constant that widens": (widening(), r"its layer 0 \(Fixed\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_bound_knows_is_refused_in_a_sentence(name):
    model, words = REFUSED[name]
    with pytest.raises(UserError, match=words) as told:
        read(model.eval(), (3,))
    assert "\n" not in str(told.value)
