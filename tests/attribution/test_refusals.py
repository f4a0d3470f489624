"""What a method cannot take, in one sentence each; and networks whose gradient says nothing."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models.build import build

X = torch.rand((2, 1, 6, 6), generator=generator(0))
CLASS = Target(torch.tensor([0, 1]))


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.out = nn.Conv2d(1, 2, 3), nn.Linear(32, 3)

    def forward(self, x):
        return self.out(functional.relu(self.conv(x)).flatten(1))


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu, self.a, self.out = nn.ReLU(), nn.Linear(36, 5), nn.Linear(5, 3)
        self.flatten = nn.Flatten()

    def forward(self, x):
        return self.out(self.relu(self.a(self.relu(self.flatten(x)))))


class Adding(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten, self.a, self.b = nn.Flatten(), nn.Linear(36, 3), nn.Linear(36, 3)

    def forward(self, x):
        x = self.flatten(x)
        return self.a(x) + self.b(x)


def stack(*layers):
    return nn.Sequential(nn.Conv2d(1, 2, 3), *layers, nn.Flatten(), nn.Linear(32, 3)).eval()


@pytest.mark.parametrize(
    ("name", "model", "sentence"),
    [
        (
            "guided_backprop",
            Functional(),
            "Guided backpropagation changes ReLU layers, and this network calls ReLU as a",
        ),
        ("guided_backprop", stack(nn.Tanh()), "and this network has none"),
        ("deeplift", Functional(), "DeepLIFT has no rule for the function relu, which this network contains."),
        ("deeplift", stack(nn.GELU()), "DeepLIFT has no rule for GELU, which"),
        ("deeplift", Twice(), "DeepLIFT cannot follow a network that uses one layer twice."),
        ("lrp", stack(nn.GELU(), nn.ELU()), "Layer-wise relevance propagation has no rule for ELU and GELU, which"),
        ("lrp", Functional(), "the function flatten and the function relu"),
        ("lrp", Adding(), "Layer-wise relevance propagation has no rule for the function add, which this network"),
    ],
)
def test_a_network_that_a_method_cannot_take(name, model, sentence):
    with pytest.raises(UserError, match=sentence):
        run_method(name, model.eval(), X, CLASS)


@pytest.mark.parametrize(
    ("name", "knobs", "sentence"),
    [
        ("occlusion", {"window": 7}, "window = 7 does not fit into a picture of 6×6 pixels."),
        ("occlusion", {"window": 2, "stride": 3}, "stride = 3 leaves gaps between squares of 2"),
        ("ablation", {"cells": 7}, "cells = 7 are more than the rows or columns of a picture of 6×6 pixels."),
        ("gradient_shap", {"baselines": "pictures"}, "There are no other pictures to serve as baselines"),
        ("gradient", {"steps": 3}, "There is no parameter 'steps' here"),
        ("integrated_gradients", {"baseline": "white"}, "is not one of black, mean, blurred, noise"),
        ("nothing", {}, "There is no saliency method 'nothing'; known: ablation, "),
    ],
)
def test_a_setting_that_a_method_cannot_take(name, knobs, sentence):
    with pytest.raises(UserError, match=sentence):
        run_method(name, stack(nn.ReLU()), X, CLASS, knobs=knobs)


def test_a_baseline_that_points_do_not_have():
    model = build("mlp", (2,), 3, {}, rng=generator(0)).eval()
    with pytest.raises(UserError, match="A blurred baseline needs pictures, and these are points"):
        run_method("integrated_gradients", model, X[:, 0, 0, :2], CLASS, knobs={"baseline": "blurred"})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Target(torch.tensor([0, 3])), "label = 3 is not one of this model's classes, 0 to 2."),
        (lambda: Target(torch.tensor([0, 1]), "difference", torch.tensor([1, -1])), "label = -1 is not"),
        (lambda: Target(torch.tensor([0])), "There are 1 targets for 2 pictures."),
        (lambda: Target(torch.tensor([0, 1]), "difference"), "A difference needs a second class"),
        (lambda: Target(torch.tensor([0, 1]), "loss", torch.tensor([0, 1])), "A difference needs a second class"),
        (lambda: Target(torch.tensor([0, 1]), "odds"), "kind = 'odds' is not one of logit, difference, loss."),
    ],
)
def test_a_target_that_makes_no_sense(make, sentence):
    with pytest.raises(UserError, match=sentence):
        run_method("gradient", stack(nn.ReLU()), X, make())


def test_a_layer_that_writes_over_its_input_is_taken_as_one_that_does_not():
    weights = stack(nn.ReLU()).state_dict()
    maps = []
    for inplace in (False, True):
        model = stack(nn.ReLU(inplace=inplace))
        model.load_state_dict(weights)
        maps.append(run_method("deeplift", model, X, CLASS).maps)
        assert model[1].inplace == inplace
    assert np.array_equal(*maps)


def test_a_quantised_input_has_no_gradient_and_the_missing_sum_says_so():
    model = build("quantised", (1, 6, 6), 3, {"width": 2, "stages": 1, "hidden": 4}, rng=generator(0)).eval()
    assert not run_method("gradient", model, X, CLASS).maps.any()
    path = run_method("integrated_gradients", model, X, CLASS)
    assert not path.maps.any()
    assert np.allclose(path.error, -path.promised)
    assert np.abs(path.promised).min() > 0
    covered = run_method("occlusion", model, X, CLASS)  # it asks for scores
    assert covered.maps.any()
    with pytest.raises(UserError, match="DeepLIFT has no rule for Quantise"):
        run_method("deeplift", model, X, CLASS)


def test_memory_that_does_not_hold_the_copies_makes_them_fewer():
    sizes = []

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = stack(nn.ReLU())

        def forward(self, x):
            if len(x) > 3:
                raise torch.OutOfMemoryError("no more than three")
            sizes.append(len(x))
            return self.net(x)

    model = Small().eval()
    found = run_method("smoothgrad", model, X, CLASS, knobs={"samples": 5})
    assert max(sizes) <= 3
    assert np.allclose(found.maps, run_method("smoothgrad", model.net, X, CLASS, knobs={"samples": 5}).maps, atol=1e-6)
