"""Equality with Captum called by hand on the same network."""

import copy
import warnings

import numpy as np
import pytest
import torch
from captum import attr
from captum.attr._utils.lrp_rules import EpsilonRule, GammaRule, IdentityRule
from torch import nn

from explorer.attribution import SALIENCY
from explorer.attribution._cam import last_maps
from explorer.attribution.run import run_method
from explorer.models._layers import Sum

REFUSED = {"points": {"occlusion", "ablation", "grad_cam", "guided_grad_cam"}, "mlp": {"grad_cam", "guided_grad_cam"}}


def resized(maps):
    return attr.LayerAttribution.interpolate(maps, (8, 8), "bilinear")


def cells(x):
    row = torch.arange(8) // 2
    return (row[:, None] * 4 + row)[None, None]


BY_HAND = {
    "gradient": lambda m, x, t: attr.Saliency(m).attribute(x, t, abs=False),
    "gradient_input": lambda m, x, t: attr.InputXGradient(m).attribute(x, t),
    "integrated_gradients": lambda m, x, t: attr.IntegratedGradients(m).attribute(x, target=t, n_steps=20),
    "guided_backprop": lambda m, x, t: attr.GuidedBackprop(m).attribute(x, t),
    "deeplift": lambda m, x, t: attr.DeepLift(m).attribute(x, target=t),
    "grad_cam": lambda m, x, t: resized(attr.LayerGradCam(m, last_maps(m, x)).attribute(x, t, relu_attributions=True)),
    "guided_grad_cam": lambda m, x, t: attr.GuidedGradCam(m, last_maps(m, x)).attribute(
        x, t, interpolate_mode="bilinear"
    ),
    "occlusion": lambda m, x, t: attr.Occlusion(m).attribute(
        x, (x.shape[1], 3, 3), (x.shape[1], 2, 2), baselines=0, target=t
    )[:, :1],
    "ablation": lambda m, x, t: attr.FeatureAblation(m).attribute(x, 0, t, feature_mask=cells(x))[:, :1],
}
KNOBS = {
    "integrated_gradients": {"steps": 20},
    "occlusion": {"window": 3, "stride": 2, "baseline": "black"},
    "ablation": {"cells": 4, "baseline": "black"},
}


def by_hand(subject, method):
    """Return Captum's maps, in its own way of naming classes; a difference is that of two maps."""
    x, labels = subject.x.clone().requires_grad_(), subject.targets["logit"].labels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method(subject.model, x, labels).detach().numpy()


def alike(ours, theirs):
    return np.abs(ours - theirs).max() <= 2e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("name", BY_HAND)
def test_the_same_map(subject, name):
    if name in REFUSED.get(subject.name, ()):
        pytest.skip("refused")
    if (subject.name, name) == ("pooled", "deeplift"):
        pytest.skip("Captum's pooling rule needs help: see below")
    found = run_method(name, subject.model, subject.x, subject.targets["logit"], knobs=KNOBS.get(name))
    assert alike(found.maps, by_hand(subject, BY_HAND[name]))


class Copy(nn.Module):
    def forward(self, x):
        return x.clone()


def test_deeplift_through_max_pooling_is_captum_s_of_one_picture_and_a_tensor_for_each_layer(subject):
    if subject.name != "pooled":
        pytest.skip("has no pooling")

    def hand(model, x, labels):
        net = copy.deepcopy(model)
        net.net.pool0 = nn.Sequential(Copy(), net.net.pool0)
        deep = [attr.DeepLift(net).attribute(x[i : i + 1], target=labels[i : i + 1]) for i in range(len(x))]
        return torch.cat(deep)

    found = run_method("deeplift", subject.model, subject.x, subject.targets["logit"])
    assert alike(found.maps, by_hand(subject, hand))


@pytest.mark.parametrize(("name", "kind"), [("smoothgrad", "smoothgrad"), ("vargrad", "vargrad")])
def test_noise_as_captum_s_tunnel_draws_it(subject, name, kind):
    """Both draw from a generator in the same state: ours from one of its own, Captum from the process-wide one."""
    for i in range(2):
        rows = slice(i, i + 1)
        found = run_method(name, subject.model, subject.x[rows], subject.targets["logit"][rows], seed=7)
        with torch.random.fork_rng():
            torch.manual_seed(7)
            theirs = (
                attr.NoiseTunnel(attr.Saliency(subject.model))
                .attribute(
                    subject.x[rows].clone().requires_grad_(),
                    nt_type=kind,
                    nt_samples=50,
                    nt_samples_batch_size=1,
                    stdevs=0.15,
                    target=subject.targets["logit"].labels[rows],
                    abs=False,
                )
                .detach()
                .numpy()
            )
        assert np.abs(found.maps - theirs).max() <= 2e-4 * np.abs(theirs).max()


def test_gradient_shap_tends_to_captum_s(subject):
    crowd, x = subject.x[1:], subject.x[:1]
    found = run_method(
        "gradient_shap",
        subject.model,
        x,
        subject.targets["logit"][:1],
        knobs={"samples": 500, "baselines": "pictures"},
        crowd=crowd,
    )
    state = np.random.get_state()  # noqa: NPY002 - Captum draws from it
    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            np.random.seed(0)  # noqa: NPY002
            theirs = attr.GradientShap(subject.model).attribute(
                x.clone().requires_grad_(), crowd, n_samples=500, target=subject.targets["logit"].labels[:1]
            )
    finally:
        np.random.set_state(state)  # noqa: NPY002
    theirs = theirs.detach().numpy()
    assert np.linalg.norm(found.maps - theirs) < 0.25 * np.linalg.norm(theirs)


@pytest.mark.parametrize(("name", "rule"), [("gamma", GammaRule), ("epsilon", EpsilonRule)])
@pytest.mark.parametrize("difference", [False, True])
def test_relevance_with_captum_s_rules(subject, name, rule, difference):
    if subject.name in ("resnet", "cnn") and rule is GammaRule:
        pytest.skip("batch norm is folded here and not in Captum, and branches of a sum have plain shares")
    target = subject.targets["difference" if difference else "logit"]
    found = run_method("lrp", subject.model, subject.x, target, knobs={"rule": name})

    def hand(model, x, labels):
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.rule = rule()
            elif isinstance(layer, nn.Flatten | Sum):
                layer.rule = EpsilonRule()
        model.normalise.rule = IdentityRule()
        return attr.LRP(model).attribute(x, labels).detach()

    theirs = by_hand(subject, lambda m, x, t: hand(m, x, target.labels))
    if difference:
        theirs = theirs - by_hand(subject, lambda m, x, t: hand(m, x, target.against))
    assert alike(found.maps, theirs)


@pytest.mark.parametrize("name", ["gradient", "integrated_gradients", "deeplift", "guided_backprop"])
def test_a_difference_is_explained_as_one_function(subject, name):
    """For what is linear in the score it is the difference of two maps."""
    target = subject.targets["difference"]
    found = run_method(name, subject.model, subject.x, target)
    parts = [
        run_method(name, subject.model, subject.x, type(target)(labels)).maps
        for labels in (target.labels, target.against)
    ]
    if name == "guided_backprop":  # it is not: each part is cut at zero by itself
        assert not alike(found.maps, parts[0] - parts[1])
    else:
        assert alike(found.maps, parts[0] - parts[1])


def test_every_method_of_captum_is_compared():
    own = {"smoothgrad", "vargrad", "gradient_shap", "lrp"}
    assert set(BY_HAND) | own == set(SALIENCY)
