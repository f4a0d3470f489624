"""Regions of networks of ReLUs: those of a few lines are known, those of any network fill the window and are affine."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import Unsuited
from explorer.core.results import Section
from explorer.geometry._cells import cells
from explorer.geometry.plane import points, through
from explorer.geometry.regions import _chain, regions
from explorer.models.build import build


def plane(low=0.0, high=1.0):
    across, up = np.eye(2, dtype=np.float32)
    window = np.array([low, high, low, high])
    return Section(np.zeros(2, np.float32), across, up, "l2", window, {"across": "", "up": ""}, {})


def lines(weight, bias):
    """One layer of units that switch along w·x + b = 0."""
    model = nn.Sequential(nn.Linear(2, len(bias)), nn.ReLU(), nn.Linear(len(bias), 2))
    model[0].weight.data, model[0].bias.data = torch.tensor(weight), torch.tensor(bias)
    return model.eval().requires_grad_(False)


def area(polygon):
    x, y = polygon.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


@pytest.mark.parametrize(
    ("weight", "bias", "count"),
    [
        ([[1.0, 0.0]], [-0.3], 2),
        ([[1.0, 0.0], [0.0, 1.0]], [-0.3, -0.6], 4),
        ([[1.0, 0.0], [1.0, 0.0]], [-0.3, -0.6], 3),  # parallel
        ([[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]], [-1.0, 0.0, -0.5], 6),  # three through one point
        ([[1.0, 0.0]], [2.0], 1),  # outside
        ([[0.0, 0.0]], [1.0], 1),  # switches nowhere
    ],
)
def test_of_a_few_lines_the_count_is_known(weight, bias, count):
    found = regions(lines(weight, bias), plane())
    assert found.exact
    assert found.count == count
    assert len(found.cuts) == count - 1


def test_lines_in_general_position_have_as_many_regions_as_zaslavsky_says():
    """k lines of which every two meet inside: 1 + k + k (k - 1) / 2."""
    angle = torch.arange(1, 8) * 0.41
    weight = torch.stack([angle.cos(), angle.sin()], dim=1)
    bias = 0.05 * torch.randn(7, generator=generator(0))
    model = lines(weight.tolist(), bias.tolist())
    assert regions(model, plane(-9, 9)).count == 1 + 7 + 21


@pytest.fixture
def mlp():
    return build("mlp", (2,), 3, {"width": 12, "depth": 3}, rng=generator(2), pixels=torch.rand(50, 2)).eval()


def test_they_fill_the_window_and_the_network_is_affine_on_each(mlp):
    for module in mlp.modules():
        if isinstance(module, nn.Linear):
            module.bias.data = 0.3 * torch.randn(module.bias.shape, generator=generator(5))
    found = cells(_chain(mlp), plane())
    assert len(found.polygons) > 50
    assert sum(map(area, found.polygons)) == pytest.approx(1, abs=1e-9)
    exact = mlp.double()
    rng = np.random.default_rng(0)
    for polygon, map_ in zip(found.polygons, found.maps, strict=True):
        inside = rng.dirichlet(np.ones(len(polygon)), size=4) @ polygon
        at = np.concatenate([polygon, inside])
        said = exact(torch.from_numpy(at)).detach().numpy()
        np.testing.assert_allclose(said, np.c_[at, np.ones(len(at))] @ map_.T, atol=1e-7)
    assert len({tuple(map_.ravel().round(9)) for map_ in found.maps}) > 0.9 * len(found.maps)


def test_polygons_are_convex_and_their_sides_are_the_cuts_and_the_window(mlp):
    found = cells(_chain(mlp), plane())
    for polygon in found.polygons:
        side = np.roll(polygon, -1, axis=0) - polygon
        turn = side[:, 0] * np.roll(side[:, 1], -1) - side[:, 1] * np.roll(side[:, 0], -1)
        assert (turn > -1e-12).all()
    around = sum(np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1).sum() for p in found.polygons)
    cuts = np.linalg.norm(found.cuts[:, 1] - found.cuts[:, 0], axis=1).sum()
    assert around == pytest.approx(2 * cuts + 4, rel=1e-9)


def test_a_chain_of_convolutions_is_cut_as_well_and_a_grid_meets_no_more_of_it(network):
    section = through(network.x[:3], "l2", rng=generator(0))
    found = cells(_chain(network.model), section)
    exact = regions(network.model, section)
    coarse = regions(network.model, section, side=41, few=0)
    fine = regions(network.model, section, side=161, few=0)
    assert exact.exact
    assert not coarse.exact
    assert exact.count == len(found.polygons)
    assert 3 < coarse.count <= fine.count <= exact.count
    assert fine.count > 0.5 * exact.count
    assert fine.crossed == pytest.approx(exact.crossed, rel=0.05)
    middles = np.array([polygon.mean(0) for polygon in found.polygons])
    said = network.model(points(section, middles)).numpy()
    maps = (found.maps @ np.c_[middles, np.ones(len(middles))][..., None])[..., 0]
    np.testing.assert_allclose(said, maps, atol=1e-4)


def test_on_a_grid_the_units_that_switch_between_two_places_are_counted():
    model = lines([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], [-0.32, -0.66, -0.5001])
    found = regions(model, plane(), side=11, few=0)
    assert (found.count, found.units) == (4, 3)
    expected = np.zeros((11, 11), int)
    expected[:, 3] += 2  # both between 0.3 and 0.4: between them there is a region that the grid does not meet
    expected[5] += 1
    assert np.array_equal(found.switched, expected)
    exact = regions(model, plane())
    assert exact.count == 6
    assert exact.crossed == pytest.approx(3 / 2)
    assert found.crossed == pytest.approx(3 / 2)


@pytest.mark.parametrize(
    ("layer", "word"), [(nn.GELU(), "GELU"), (nn.Sigmoid(), "Sigmoid"), (nn.Identity(), "no ReLUs")]
)
def test_a_network_without_such_regions_is_refused_in_a_sentence(layer, word):
    with pytest.raises(Unsuited, match=word):
        regions(nn.Sequential(nn.Linear(2, 4), layer, nn.Linear(4, 2)), plane())


def test_a_network_with_shortcuts_or_maxima_is_looked_at_on_a_grid():
    x = torch.rand((3, 1, 8, 8), generator=generator(1))
    section = through(x, "linf", rng=generator(0))
    for name, knobs in (("resnet", {"width": 2}), ("cnn", {"width": 2, "stages": 1, "hidden": 4, "down": "max"})):
        found = regions(build(name, x.shape[1:], 4, knobs, rng=generator(0)).eval(), section, side=9)
        assert not found.exact
        assert 1 < found.count <= 81
