"""A linear model, which every method must explain by its weights; and sums that methods promise."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attribution._baselines import baseline_of
from explorer.attribution._parts import superpixels
from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.device import generator, uniform

LABELS, AGAINST = torch.tensor([0, 1, 2, 1]), torch.tensor([1, 2, 0, 0])
TARGETS = {"logit": Target(LABELS), "difference": Target(LABELS, "difference", AGAINST)}
NO_STEPS = {"occlusion": {"window": 1, "stride": 1}, "ablation": {"cells": 6}}

kinds = pytest.mark.parametrize("kind", TARGETS)


def weights(linear, kind):
    """Return the weights of the score, (N, 1, 6, 6)."""
    return linear.w[LABELS] - (linear.w[AGAINST] if kind == "difference" else 0)


def explain(linear, name, kind="logit", **knobs):
    found = run_method(name, linear.model, linear.x, TARGETS[kind], knobs=NO_STEPS.get(name, {}) | knobs)
    return torch.from_numpy(found.maps), found


def close(a, b):
    return torch.allclose(a, b, atol=2e-6, rtol=2e-5)


@kinds
@pytest.mark.parametrize("name", ["gradient", "smoothgrad"])
def test_the_gradient_is_the_weights(linear, name, kind):
    assert close(explain(linear, name, kind)[0], weights(linear, kind))


@kinds
def test_the_gradient_of_a_linear_model_does_not_vary(linear, kind):
    assert explain(linear, "vargrad", kind)[0].abs().max() < 1e-10


@kinds
@pytest.mark.parametrize("name", ["gradient_input", "integrated_gradients", "deeplift", "occlusion", "ablation"])
def test_the_share_of_a_value_is_the_weight_times_it(linear, name, kind):
    knobs = {} if name == "gradient_input" else {"baseline": "black"}
    assert close(explain(linear, name, kind, **knobs)[0], weights(linear, kind) * linear.x)


@kinds
@pytest.mark.parametrize("name", ["integrated_gradients", "deeplift", "occlusion", "ablation"])
@pytest.mark.parametrize("baseline", ["mean", "noise"])
def test_the_share_is_counted_from_the_baseline(linear, name, kind, baseline):
    noise = uniform((1, 1, 6, 6), generator(0), torch.device("cpu"))
    empty = {"mean": linear.x.mean((2, 3), keepdim=True), "noise": noise}[baseline]
    maps, found = explain(linear, name, kind, baseline=baseline)
    assert close(maps, weights(linear, kind) * (linear.x - empty))
    if found.error is not None:
        assert np.abs(found.error).max() < 1e-5
        assert np.allclose(found.promised, (weights(linear, kind) * (linear.x - empty)).sum((1, 2, 3)), atol=1e-5)


@kinds
def test_gradient_shap_takes_the_mean_baseline(linear, kind):
    crowd = torch.rand((7, 1, 6, 6), generator=generator(8))
    found = run_method(
        "gradient_shap", linear.model, linear.x, TARGETS[kind], knobs={"baselines": "pictures"}, crowd=crowd[:1]
    )
    assert close(torch.from_numpy(found.maps), weights(linear, kind) * (linear.x - crowd[:1]))
    many = run_method(
        "gradient_shap", linear.model, linear.x, TARGETS[kind], knobs={"baselines": "pictures"}, crowd=crowd
    )
    assert np.abs(many.error).max() < 1e-4  # exact for a linear model, whatever was drawn
    assert not np.allclose(many.maps, found.maps)


@kinds
def test_relevance_of_one_layer_is_the_weight_times_the_value(linear, kind):
    maps, found = explain(linear, "lrp", kind, rule="epsilon")
    assert close(maps, weights(linear, kind) * linear.x)
    biases = linear.b[LABELS] - (linear.b[AGAINST] if kind == "difference" else 0)
    assert np.allclose(found.error, -biases, atol=1e-5)  # what biases take is what the sum lacks


def test_a_window_spreads_what_it_covers(linear):
    maps, _ = explain(linear, "occlusion", window=6, stride=1, baseline="black")
    whole = (weights(linear, "logit") * linear.x).sum((1, 2, 3), keepdim=True)
    assert close(maps, whole.expand_as(maps))


def test_a_grid_cell_gets_what_all_of_it_does(linear):
    maps, _ = explain(linear, "ablation", cells=3, baseline="black")
    falls = nn.functional.avg_pool2d(weights(linear, "logit") * linear.x, 2) * 4
    assert close(maps, falls.repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_the_loss_gradient_does_not_vanish_where_the_model_is_sure(linear):
    linear.model[1].bias.data = torch.tensor([200.0, 0.0, -50.0])
    found = run_method("gradient", linear.model, linear.x, Target(torch.zeros(4, dtype=torch.int64), "loss"))
    assert close(torch.from_numpy(found.maps), (linear.w[1] - linear.w[0]).expand(4, -1, -1, -1))


def test_grad_cam_is_the_rectified_weighted_sum_of_the_maps():
    """One convolution of 1×1 and a mean over all pixels: the gradient in every map is the weight over H·W."""
    v, u = torch.tensor([1.5, -2.0, 0.5]), torch.randn((2, 3), generator=generator(1))
    model = nn.Sequential(nn.Conv2d(1, 3, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    model[0].weight.data, model[3].weight.data = v.view(3, 1, 1, 1), u
    x = torch.rand((2, 1, 5, 5), generator=generator(2)) - 0.5
    labels = torch.tensor([0, 1])
    found = run_method("grad_cam", model.eval(), x, Target(labels))
    expected = ((u[labels] / 25 * v).sum(1).view(2, 1, 1, 1) * x).clamp_min(0)
    assert torch.allclose(torch.from_numpy(found.maps), expected, atol=1e-6)


def test_guided_backprop_passes_positive_gradients_through_open_relus_only():
    model = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 2, bias=False)).eval()
    model[0].weight.data = torch.tensor([[1.0, 2.0], [3.0, -1.0], [-5.0, 1.0]])  # the third is shut at (1, 1)
    model[2].weight.data = torch.tensor([[2.0, -4.0, 3.0], [0.0, 1.0, 1.0]])
    found = run_method("guided_backprop", model, torch.ones(1, 2), Target(torch.tensor([0])))
    assert found.maps.tolist() == [[2.0, 4.0]]
    plain = run_method("gradient", model, torch.ones(1, 2), Target(torch.tensor([0])))
    assert plain.maps.tolist() == [[2.0 - 12.0, 4.0 + 4.0]]


@pytest.mark.parametrize("kind", ["logit", "difference"])
def test_differences_and_integrals_sum_to_the_change_of_the_score(subject, kind):
    target, model = subject.targets[kind], subject.model
    logits = model(subject.x).detach() - model(subject.x * 0).detach()
    change = logits.gather(1, target.labels[:, None])[:, 0]
    if kind == "difference":
        change = change - logits.gather(1, target.against[:, None])[:, 0]
    change = change.numpy()
    deep = run_method("deeplift", model, subject.x, target)
    rough, fine = (run_method("integrated_gradients", model, subject.x, target, knobs={"steps": n}) for n in (4, 500))
    assert np.allclose(deep.promised, change, atol=1e-5)
    assert np.abs(deep.error).max() < 1e-4
    assert np.abs(fine.error).max() < 0.02 * np.abs(change).max()
    assert np.abs(fine.error).mean() < np.abs(rough.error).mean()


def test_plain_relevance_is_gradient_times_the_normalised_input(subject):
    """Ancona et al. 2018 (arXiv:1711.06104): in a network of ReLUs."""
    found = run_method("lrp", subject.model, subject.x, subject.targets["difference"], knobs={"rule": "epsilon"})
    slope = run_method("gradient", subject.model, subject.x, subject.targets["difference"])
    std = subject.model.normalise.std
    expected = torch.from_numpy(slope.maps) * std * subject.model.normalise(subject.x)
    assert torch.allclose(torch.from_numpy(found.maps), expected, atol=1e-4 * expected.abs().max())


@pytest.mark.parametrize("rule", ["gamma", "positive", "epsilon"])
def test_relevance_in_a_network_with_branches_is_the_rule_s_and_none_is_lost(branched, rule):
    """Without shifts nothing is taken. The rules another way: values stay, slopes are the rule's (Samek et al. 2021).

    Section IV of doi:10.1109/JPROC.2021.3060483. What a sum adds has plain shares: its slopes stay.
    """
    model, target, rng = branched.model, branched.targets["logit"], generator(1)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.weight.data = torch.rand(len(layer.weight), generator=rng) + 0.5
            layer.running_mean.zero_()
    found = run_method("lrp", model, branched.x, target, knobs={"rule": rule})
    assert np.abs(found.error).max() < 1e-4

    def sloped(layer, inputs, z):
        positive = layer.weight.clamp_min(0)
        w = {"gamma": layer.weight + positive / 4, "positive": positive, "epsilon": layer.weight}[rule]
        bent = copy.deepcopy(layer).requires_grad_(False)
        bent.weight.data = w.detach()
        y = bent.forward(*inputs)
        return y * (z / torch.where(y == 0, 1, y)).detach()

    for name, layer in model.named_modules():
        if name.endswith("conv1") or isinstance(layer, nn.Linear):
            layer.register_forward_hook(sloped)
    x = model.normalise(branched.x).requires_grad_()
    (slope,) = torch.autograd.grad(model.net(x).gather(1, target.labels[:, None]).sum(), x)
    expected = (slope * x).detach()
    assert torch.allclose(torch.from_numpy(found.maps), expected, atol=1e-4 * expected.abs().max())


def test_superpixels_keep_to_edges_and_are_taken_away_whole(linear):
    """Four quarters of flat colours are four superpixels, whatever the grid's cells would be."""
    x = torch.zeros(2, 3, 12, 12)
    x[0, :, :3], x[0, 0, 3:, :9], x[0, 1, 3:, 9:] = 0.2, 0.9, 0.9
    x[1] = torch.rand((3, 12, 12), generator=generator(1))
    parts = superpixels(x, 2)
    assert parts.shape == (2, 1, 12, 12)
    for colour in x[0].flatten(1).T.unique(dim=0):
        inside = (x[0].permute(1, 2, 0) == colour).all(2)
        assert set(parts[0, 0][inside].tolist()).isdisjoint(parts[0, 0][~inside].tolist())
    assert torch.equal(parts[1:], superpixels(x[1:], 2))  # neither chance nor neighbours
    assert len(parts[1].unique()) == 4

    maps, _ = explain(linear, "ablation", parts="superpixels", cells=2, baseline="black")
    own = superpixels(linear.x, 2)
    owed = weights(linear, "logit") * linear.x
    for i in range(len(maps)):
        for part in own[i].unique():
            inside = own[i] == part
            assert close(maps[i][inside], owed[i][inside].sum().expand(int(inside.sum())))


def test_a_blurred_baseline_keeps_a_flat_picture_and_the_mean():
    flat = torch.full((1, 3, 8, 8), 0.3)
    assert torch.allclose(baseline_of("blurred", flat, generator(0)), flat)
    x = torch.rand((2, 3, 32, 32), generator=generator(1))
    blurred = baseline_of("blurred", x, generator(0))
    assert blurred.std((2, 3)).max() < 0.2 * x.std((2, 3)).min()
    assert torch.allclose(blurred.mean((2, 3)), x.mean((2, 3)), atol=0.03)
