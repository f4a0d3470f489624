"""What every saliency method promises, on each kind of network, for each kind of target."""

import copy
import inspect
import random

import numpy as np
import pytest
import torch

from explorer.attribution import SALIENCY
from explorer.attribution.run import run_method, takes
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.results import Saliency
from explorer.work.pack import from_bytes, to_bytes

KINDS = ("logit", "difference", "loss")
FEW = {"steps": 6, "samples": 6, "cells": 4, "window": 3, "stride": 2}
REFUSED = {  # what a method does not take, and a word of the reason
    "points": {name: "points" for name in ("ablation", "grad_cam", "guided_grad_cam", "occlusion")},
    "mlp": {name: "convolution" for name in ("grad_cam", "guided_grad_cam")},
    "loss": {name: "the loss" for name in ("deeplift", "lrp")},
}

methods = pytest.mark.parametrize("name", SALIENCY)
kinds = pytest.mark.parametrize("kind", KINDS)


def knobs_of(name, subject):
    few = {knob: value for knob, value in FEW.items() if knob in SALIENCY[name].knobs}
    plain = {"baseline": "noise"} if subject.x.ndim == 2 and "baseline" in SALIENCY[name].knobs else {}
    return few | plain


def explain(subject, name, kind="logit", *, rows=slice(None), **settings) -> Saliency:
    target = subject.targets[kind][rows]
    return run_method(name, subject.model, subject.x[rows], target, knobs=knobs_of(name, subject), **settings)


USUAL: dict[tuple[str, str, str], Saliency] = {}


def usual(subject, name, kind="logit") -> Saliency:
    """Return the maps of all pictures from the first seed: the same for all who ask."""
    key = (subject.name, name, kind)
    if key not in USUAL:
        USUAL[key] = explain(subject, name, kind)
    return USUAL[key]


@pytest.fixture
def suited(subject, name, request):
    """Pass over what a method refuses."""
    kind = request.node.callspec.params.get("kind", "logit")
    if name in REFUSED.get(subject.name, {}) or name in REFUSED.get(kind, {}):
        pytest.skip("refused")


@methods
@kinds
def test_a_map_for_each_picture_or_a_reason_why_not(subject, name, kind):
    reason = REFUSED.get(kind, {}).get(name) or REFUSED.get(subject.name, {}).get(name)
    if reason:
        with pytest.raises(UserError, match=reason):
            explain(subject, name, kind)
        return
    found = usual(subject, name, kind)
    channels = subject.x.shape[1] if SALIENCY[name].facts["channels"] else 1
    assert found.maps.shape == (len(subject.x), channels, *subject.x.shape[2:])
    assert found.maps.dtype == np.float32
    assert np.isfinite(found.maps).all()
    assert (np.abs(found.maps).sum() > 0) or name in ("grad_cam", "guided_grad_cam")  # ReLU may leave nothing
    assert found.signed or (found.maps >= 0).all()
    assert np.allclose(found.logits, subject.model(subject.x).detach(), atol=1e-5)
    assert found.kind == kind
    assert (found.against is not None) == (kind == "difference")
    assert (found.promised is None) == (found.error is None) == (not SALIENCY[name].facts["sums"])
    again = from_bytes(to_bytes(found))
    assert np.array_equal(again.maps, found.maps)


@methods
@pytest.mark.usefixtures("suited")
def test_equal_seed_equal_map_and_another_where_chance_is_used(subject, name):
    first, again, other = usual(subject, name), *(explain(subject, name, seed=seed) for seed in (0, 4))
    assert np.array_equal(first.maps, again.maps)
    chance = takes(name, "rng") and knobs_of(name, subject).get("baseline", "noise") == "noise"
    if not chance or ("baseline" in SALIENCY[name].knobs and subject.x.ndim == 4):
        assert np.array_equal(first.maps, other.maps)
    else:
        assert not np.array_equal(first.maps, other.maps)


@methods
@pytest.mark.usefixtures("suited")
def test_neighbours_do_not_change_a_map(subject, name):
    whole, one = usual(subject, name), explain(subject, name, rows=slice(2, 3))
    assert np.abs(whole.maps[2:3] - one.maps).max() <= 1e-4 * np.abs(whole.maps).max()


@methods
@pytest.mark.parametrize("batch", [1, 2, 7])
@pytest.mark.usefixtures("suited")
def test_internal_batches_do_not_change_a_map(subject, name, batch):
    whole, parts = usual(subject, name), explain(subject, name, batch=batch)
    assert np.abs(whole.maps - parts.maps).max() <= 1e-4 * np.abs(whole.maps).max()
    if whole.promised is not None:
        assert np.allclose(whole.promised, parts.promised, atol=1e-4)


@methods
@pytest.mark.parametrize("batch", [2, 5])
@pytest.mark.usefixtures("suited")
def test_no_more_images_at_once_than_said(subject, name, batch):
    sizes = []
    subject.model.register_forward_hook(lambda _m, inputs, _o: sizes.append(len(inputs[0])))
    explain(subject, name, batch=batch)
    assert sizes
    assert max(sizes) <= batch


@methods
@pytest.mark.usefixtures("suited")
def test_nothing_of_the_caller_s_is_changed(subject, name):
    model, x = subject.model.requires_grad_(True), subject.x.clone()
    weights = copy.deepcopy(model.state_dict())
    seeds = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002 - read, not used
    explain(subject, name)

    assert torch.equal(subject.x, x)
    assert not subject.x.requires_grad
    assert all(torch.equal(a, b) for a, b in zip(weights.values(), model.state_dict().values(), strict=True))
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    for module in model.modules():
        assert not module.training
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
        assert not set(vars(module)) & {"rule", "input", "output", "activations"}
    assert torch.equal(torch.get_rng_state(), seeds[0])
    assert random.getstate() == seeds[1]
    assert np.array_equal(np.random.get_state()[1], seeds[2])  # noqa: NPY002


@methods
@pytest.mark.usefixtures("suited")
def test_progress_rises_and_cancelling_stops_before_the_next_pass(subject, name):
    shares = []
    explain(subject, name, batch=2, tick=lambda done, total, note="": shares.append(done / total))
    assert shares == sorted(shares)
    assert 0 <= min(shares) <= max(shares) <= 1

    passes, ticks = [], []

    def tick(done: int, total: int, note: str = "") -> None:
        ticks.append(len(passes))
        if len(ticks) == len(shares) // 2 + 1:
            raise Cancelled

    subject.model.register_forward_hook(lambda *_: passes.append(1))
    with pytest.raises(Cancelled):
        explain(subject, name, batch=2, tick=tick)
    assert len(passes) == ticks[-1]


@methods
def test_what_is_known_of_a_method_is_complete(name):
    entry = SALIENCY[name]
    text = inspect.getdoc(entry.run) or ""
    assert entry.title
    assert entry.paper
    assert isinstance(entry.facts["signed"], bool)
    assert "References" in text
    assert "et al." in text or " & " in text
    assert all(knob.kind.text for knob in entry.knobs.values())
