"""Perturbations that do not hang on the weights' size, and ones that do."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.norms import length
from explorer.core.types import Threat
from explorer.landscapes.scattering import perturbed, scattering
from explorer.models.build import build

LINF = Threat("linf", 0.1)


@pytest.fixture(scope="module")
def pictures():
    rng = generator(1)
    return 0.3 + 0.4 * torch.rand((12, 1, 4, 4), generator=rng), torch.randint(2, (12,), generator=rng)


@pytest.fixture(scope="module")
def linear():
    """Two classes; the difference of the weights is ±2 in every pixel, so that small moves leave its signs."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    signs = torch.where(torch.rand(16, generator=generator(2)) < 0.5, -1.0, 1.0)
    model[1].weight.data, model[1].bias.data = torch.stack([signs, -signs]), torch.zeros(2)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def network():
    return build("cnn", (1, 4, 4), 2, {"width": 4, "stages": 1, "hidden": 8}, rng=generator(0)).eval()


def ways(model, count=2):
    """Random directions, each parameter's as long as it."""
    rng = generator(3)
    drawn = [{name: torch.randn(p.shape, generator=rng) for name, p in model.named_parameters()} for _ in range(count)]
    own = dict(model.named_parameters())
    return [{name: v * (own[name].detach().norm() / v.norm()) for name, v in one.items()} for one in drawn]


def test_a_linear_model_has_the_same_corner_whatever_its_weights(linear, pictures):
    found = scattering(linear, *pictures, LINF, ways(linear), (0.0, 0.05, 0.2), steps=10)
    assert found.cosines.shape == (3, 2, 12)
    np.testing.assert_allclose(found.cosines, 1, atol=1e-6)
    np.testing.assert_array_equal(found.signs, 1)
    np.testing.assert_allclose(found.again, 1, atol=1e-6)


def test_in_l2_it_turns_with_the_weights(linear, pictures):
    """The perturbation is along the difference of the two classes' weights, up to what is left of the start."""
    (way,) = ways(linear, 1)
    found = scattering(linear, *pictures, Threat("l2", 0.1), [way], (0.0, 0.5), steps=40)
    before = linear[1].weight[0] - linear[1].weight[1]
    change = 0.5 * (way["1.weight"][0] - way["1.weight"][1])
    expected = float(torch.cosine_similarity(before, before + change, dim=0))
    np.testing.assert_allclose(found.cosines[0], 1, atol=1e-6)
    np.testing.assert_allclose(found.cosines[1], expected, atol=0.03)


def test_the_same_weights_give_the_same_and_far_ones_turn_more(network, pictures):
    found = scattering(network, *pictures, LINF, ways(network), (0.0, 0.05, 2.0), steps=5)
    np.testing.assert_allclose(found.cosines[0], 1, atol=1e-6)
    middle = found.cosines.mean((1, 2))
    assert middle[0] > middle[1] > middle[2]
    assert (np.abs(found.cosines) <= 1 + 1e-6).all()
    assert (found.again < 1).any()


def test_the_callers_model_stays_and_pictures_stay_within_the_budget(network, pictures):
    before = {name: v.clone() for name, v in network.state_dict().items()}
    x_adv = perturbed(network, *pictures, LINF, steps=5)
    assert float(length(x_adv - pictures[0], "linf").max()) <= 0.1 + 1e-6
    scattering(network, *pictures, LINF, ways(network, 1), (0.5,), steps=2)
    assert all(torch.equal(v, before[name]) for name, v in network.state_dict().items())


def test_where_a_perturbation_is_zero_there_is_no_cosine(network, pictures):
    found = scattering(network, *pictures, Threat("linf", 0.0), ways(network, 1), (0.1,), steps=2)
    assert np.isnan(found.cosines).all()


def test_what_is_refused_in_a_sentence(network, pictures):
    with pytest.raises(UserError, match="one direction and one size"):
        scattering(network, *pictures, LINF, [], (0.1,))
