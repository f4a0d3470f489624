"""The wrong share of a ball beside a hyperplane, known in closed form."""

import numpy as np
import pytest
import torch
from scipy.stats import beta, binom

from explorer.core.errors import UserError
from explorer.core.norms import CONVEX
from explorer.geometry.inside import inside

COUNT = 2000


def test_of_a_half_space_the_caps_share(linear):
    """A coordinate of a uniform point of the unit ball: (t + 1) / 2 has the beta distribution of (d + 1) / 2 twice."""
    near = (linear.margin / linear.w.norm()).double()
    start = linear.x + (0.05 - near.view(-1, 1, 1, 1).float()) * linear.w.view(1, 8, 8) / linear.w.norm()
    radii = [0.0, 0.04, 0.2, 0.4]
    labels = torch.zeros(4, dtype=torch.int64)
    found = inside(linear.model, start, labels, "l2", radii, count=COUNT)
    assert (found.changed[:, :2] == 0).all()
    for j in (2, 3):
        share = beta.cdf((1 - 0.05 / radii[j]) / 2, 32.5, 32.5)
        low, high = binom.ppf([1e-4, 1 - 1e-4], COUNT, share)
        assert 0 < low < COUNT / 2
        assert ((found.changed[:, j] >= low) & (found.changed[:, j] <= high)).all()


@pytest.mark.parametrize("norm", CONVEX)
def test_the_same_seed_gives_the_same_whatever_is_beside_it(network, norm):
    labels = network.model(network.x).argmax(1)
    radius = {"linf": 0.6, "l2": 6.0, "l1": 60.0}[norm]
    found, again, other = (
        inside(network.model, network.x, labels, norm, [0.0, radius], count=50, seed=s).changed for s in (0, 0, 1)
    )
    assert np.array_equal(found, again)
    assert not np.array_equal(found, other)
    assert found[:, 0].sum() == 0
    assert found[:, 1].sum() > 0
    assert np.array_equal(
        inside(network.model, network.x[:2], labels[:2], norm, [radius], count=50).changed, found[:2, 1:]
    )


def test_what_is_refused_in_a_sentence(linear):
    labels = torch.zeros(4, dtype=torch.int64)
    with pytest.raises(UserError, match="not in 'l0'"):
        inside(linear.model, linear.x, labels, "l0", [1.0])
    for radii in ([], [-1.0], [float("nan")]):
        with pytest.raises(UserError, match="needs a radius"):
            inside(linear.model, linear.x, labels, "l2", radii)
    with pytest.raises(UserError, match="label = 7"):
        inside(linear.model, linear.x, labels + 7, "l2", [1.0])


def test_a_picture_s_draws_are_those_of_its_place(network):
    labels = network.model(network.x).argmax(1)
    found = inside(network.model, network.x, labels, "l2", [4.0], count=50)
    rest = inside(network.model, network.x[2:], labels[2:], "l2", [4.0], count=50, start=2)
    assert np.array_equal(found.changed[2:], rest.changed)
