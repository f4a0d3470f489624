"""Preferred directions of architectures whose gradient's covariance is known."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.geometry.anisotropy import anisotropy, gradients, point, rings
from explorer.models import ARCHITECTURES
from explorer.models.build import build, initialise


def drawn(*layers):
    """Return what draws a network of these layers anew."""
    model = nn.Sequential(*layers)

    def draw(rng):
        initialise(model, rng)
        return model

    return draw


def found_of(*layers, side=6, count=400):
    rows = gradients(drawn(*layers), point((1, side, side), 0), range(count))
    return anisotropy(rows.numpy())


class Weighted(nn.Module):
    """Multiplies every value by a fixed weight."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, x):
        return x * self.weight


def test_a_linear_model_prefers_nothing():
    found = found_of(nn.Flatten(), nn.Linear(36, 1), count=800)
    low, high = found.chance
    assert low / 1.05 < found.energy.min() < found.energy.max() < high * 1.05
    np.testing.assert_allclose(found.shares.mean(0), found.even, atol=0.02)
    np.testing.assert_allclose(found.waves, 1, atol=0.3)
    assert found.waves.mean() == pytest.approx(1)
    assert found.energy.sum() == pytest.approx(1)


def test_a_hidden_layer_of_relus_prefers_nothing_either():
    """The half-space in which a unit is on is symmetric: E[1(w·x > 0) w w'] is a half of E[w w']."""
    found = found_of(nn.Flatten(), nn.Linear(36, 64), nn.ReLU(), nn.Linear(64, 1), count=800)
    low, high = found.chance
    assert low / 1.1 < found.energy.min() < found.energy.max() < high * 1.1


def test_pooling_leaves_the_directions_within_a_cell_no_energy():
    found = found_of(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(9, 1), count=200)
    np.testing.assert_allclose(found.energy[9:], 0, atol=1e-12)
    assert found.energy[8] > 0.02
    cells = found.first.reshape(-1, 3, 2, 3, 2)
    np.testing.assert_allclose(cells, cells.mean((2, 4), keepdims=True) + 0 * cells, atol=1e-5)
    np.testing.assert_allclose(found.last.reshape(-1, 3, 2, 3, 2).mean((2, 4)), 0, atol=1e-5)
    assert found.shares[:, 0].mean() > 2 * found.even[0]


def test_weighted_values_are_preferred_by_the_square_of_their_weight():
    weight = torch.ones(1, 6, 6)
    weight[0, 2, 3], weight[0, 4, 1] = 6.0, 0.01
    found = found_of(Weighted(weight), nn.Flatten(), nn.Linear(36, 1), count=800)
    assert abs(found.first[0, 0, 2, 3]) > 0.99
    assert abs(found.last[0, 0, 4, 1]) > 0.99
    assert found.energy[-1] < 1e-3 * found.energy[-2]


def test_directions_are_unit_vectors_at_right_angles():
    found = found_of(nn.Flatten(), nn.Linear(36, 1))
    both = np.concatenate([found.first, found.last]).reshape(16, -1)
    np.testing.assert_allclose(both @ both.T, np.eye(16), atol=1e-5)


def test_what_has_no_gradient_is_counted_and_too_few_are_refused():
    rows = gradients(drawn(nn.Flatten(), nn.Linear(4, 1)), point((1, 2, 2), 0), range(40)).numpy()
    rows[:3] = 0
    found = anisotropy(rows)
    assert (found.count, found.flat) == (37, 3)
    with pytest.raises(UserError, match="in 4 dimensions need at least as many networks with a gradient, and 0 of 3"):
        anisotropy(rows[:3])


def test_gradients_are_those_of_the_network_and_of_unit_length():
    make = drawn(nn.Flatten(), nn.Linear(4, 1))
    rows = gradients(make, point((1, 2, 2), 0), [5, 6])
    weight = make(generator(6))[1].weight
    torch.testing.assert_close(rows[1].flatten(), weight[0].detach() / weight[0].norm())
    torch.testing.assert_close(rows.flatten(1).norm(dim=1), torch.ones(2))
    assert torch.equal(gradients(make, point((1, 2, 2), 0), [6])[0], rows[1])


def test_rings_part_the_frequencies_by_the_higher_one():
    found = rings(8, 8)
    assert found[0, 0] == found[1, 1] == 0
    assert found[1, 2] == found[2, 1] == found[3, 0] == 1
    assert found[7, 0] == found[7, 7] == 3
    assert np.bincount(found.ravel()).tolist() == [4, 12, 20, 28]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_can_be_drawn(name):
    knobs = {"width": 4} if "width" in ARCHITECTURES[name].knobs else {}
    model = build(name, (1, 8, 8), 1, knobs)

    def draw(rng):
        initialise(model, rng)
        return model

    rows = gradients(draw, point((1, 8, 8), 0), [1, 2])
    assert (rows.flatten(1).norm(dim=1) > 0.99).all() == (name != "quantised")
    assert name == "quantised" or not torch.equal(rows[0], rows[1])
