"""All kinds of direction at once, on a hyperplane and on a network."""

import math

import numpy as np
import pytest
import torch

from explorer.core.device import own_seeds
from explorer.geometry.kinds import BANDS, KINDS, PIXELS, kinds_of

MEANS = torch.rand((4, 1, 8, 8), generator=torch.Generator().manual_seed(2))


def of(case, classes, **how):
    n = len(case.x)
    return kinds_of(case.model, case.x, means=MEANS[:classes], **{"lines": 50, "seeds": own_seeds(0, 0, n)} | how)


def test_on_a_hyperplane_each_kind_is_as_long_as_the_closed_form_says(linear):
    found = of(linear, 2)
    nearest, signed = linear.margin / linear.w.norm(), linear.margin / linear.w.abs().sum()
    np.testing.assert_allclose(found["gradient"].l2[:, 0], nearest, rtol=1e-3)
    np.testing.assert_allclose(found["attack"].l2.min(1), nearest, rtol=0.02)
    np.testing.assert_allclose(found["sign"].linf[:, 0], signed, rtol=1e-3)
    np.testing.assert_allclose(found["attack_linf"].linf[:, 0], signed, rtol=0.02)
    steepest = linear.margin[:, None] / linear.w.abs().topk(PIXELS).values
    np.testing.assert_allclose(found["pixels"].l2, steepest, rtol=1e-3)
    assert np.median(found["random"].times(found["attack"])) == pytest.approx(math.sqrt(64) / 0.6745, rel=0.2)


def test_no_way_is_shorter_than_the_attack_s_and_the_bands_are_of_pictures(network):
    found = of(network, 4)
    assert tuple(found) == KINDS
    assert {name: one.l2.shape[1] for name, one in found.items()} == {
        "attack": 2,
        "attack_linf": 1,
        "gradient": 1,
        "sign": 1,
        "means": 3,
        "bands": len(set(np.linspace(0, 6, BANDS).round())),
        "pixels": PIXELS,
        "random": 50,
    }
    for one in found.values():
        assert (one.l2 > 0.98 * found["attack"].l2.min(1, keepdims=True)).all()
        assert np.array_equal(one.labels, network.model(network.x).argmax(1).numpy())


def test_a_way_to_a_mean_leads_to_another_class_than_the_picture_s(network):
    """Towards a mean that the model gives its class, the answer changes on the way, if not sooner."""
    x, said = network.x[:1], network.model(network.x).argmax(1)
    other = int((said != said[0]).nonzero()[0, 0])
    means = network.x[[0, other]]
    found = kinds_of(network.model, x, means=means.repeat(2, 1, 1, 1)[:4], lines=2, seeds=own_seeds(0, 0, 1))
    assert np.nanmin(found["means"].l2) <= float((network.x[other] - x[0]).norm()) * 1.001
