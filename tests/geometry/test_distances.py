"""Distances to a linear boundary, known in closed form along every kind of direction."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.geometry import directions
from explorer.geometry._waves import bases, lift, lower, windows
from explorer.geometry.distances import distances

SEEDS = torch.arange(4)
STARTS = windows(8, 3, 6)
KINDS = {
    "attack": lambda m, x, rows: directions.towards(x, 1 - x[:, None]),
    "gradient": lambda m, x, rows: directions.gradient(m, x),
    "random": lambda m, x, rows: directions.random(x, 30, SEEDS[rows]),
    "class means": lambda m, x, rows: directions.class_means(x, torch.rand((5, 1, 8, 8), generator=generator(8))),
    "single pixels": lambda m, x, rows: directions.single_pixels(m, x, 10),
    "bands": lambda m, x, rows: directions.bands(m, x, STARTS, 3),
}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
@pytest.mark.parametrize("lines", [False, True])
def test_to_a_linear_boundary_they_are_in_closed_form(linear, kind, lines):
    """t with margin + t·(w·u) = 0."""
    reach = 30.0
    found = distances(linear.model, linear.x, KINDS[kind], kind, reach=reach, lines=lines)
    way = KINDS[kind](linear.model, linear.x, slice(0, 4)).flatten(2)
    fall = -(way @ linear.w)
    fall = fall.abs() if lines else fall
    truth = (linear.margin[:, None] / fall).where(fall > 0, torch.inf)
    truth = truth.where(truth <= reach, torch.inf).numpy()
    assert np.isfinite(truth).any()
    assert np.array_equal(found.crossed, np.isfinite(truth))
    np.testing.assert_allclose(found.l2, truth, rtol=1e-3)
    np.testing.assert_allclose(found.linf, truth * way.abs().amax(2).numpy(), rtol=1e-3)
    assert (found.reached == np.where(found.crossed, 1, -1)).all()
    assert (found.labels == 0).all()
    ends = linear.x.flatten(1)[:, None] + torch.from_numpy(np.where(found.crossed, truth, 0))[..., None] * way
    if not lines:
        assert np.array_equal(found.outside, ((ends < 0) | (ends > 1)).any(2).numpy())


def test_the_gradient_is_the_shortest_way(linear):
    found = distances(linear.model, linear.x, KINDS["gradient"], "gradient", reach=5.0)
    np.testing.assert_allclose(found.l2[:, 0], (linear.margin / linear.w.norm()).numpy(), rtol=1e-3)


def test_random_lines_are_sqrt_d_times_as_long(linear):
    """Fawzi et al. 2016: of a hyperplane the median over random lines is sqrt(d) / 0.6745 times it, nearly."""
    seeds = torch.arange(4)
    ways = lambda m, x, rows: directions.random(x, 400, seeds[rows])  # noqa: E731
    found = distances(linear.model, linear.x, ways, "random", reach=1000.0, lines=True)
    nearest = distances(linear.model, linear.x, KINDS["gradient"], "gradient", reach=5.0)
    assert np.median(found.times(nearest)) == pytest.approx(math.sqrt(64) / 0.6745, rel=0.08)
    assert found.size == 64


def test_a_picture_that_never_crosses_is_told(linear):
    flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).requires_grad_(False).eval()
    flat[1].weight.data.zero_()
    for kind in KINDS:
        found = distances(flat, linear.x, KINDS[kind], kind, reach=10.0)
        assert not found.crossed.any()
        assert np.isinf(found.median).all()
        assert np.isinf(found.linf).all()
        assert (found.reached == -1).all()


def test_the_first_of_several_crossings():
    """Rings around the middle: class 1 from 0.1 to 0.2, class 2 beyond 0.3."""

    class Rings(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(3))

        def forward(self, x: Tensor) -> Tensor:
            r = (x - 0.5).norm(dim=1)
            one = ((r > 0.1) & (r < 0.2)).float()
            return torch.stack([torch.full_like(r, 0.5), one, (r > 0.3).float()], dim=1) + self.bias

    x = torch.tensor([[0.5, 0.5]])
    ways = lambda m, x, rows: directions.random(x, 20, SEEDS[rows])  # noqa: E731
    found = distances(Rings(), x, ways, "random", reach=1.0)
    np.testing.assert_allclose(found.l2, 0.1, rtol=1e-3)
    assert (found.reached == 1).all()


def test_a_picture_s_numbers_do_not_depend_on_those_beside_it(network):
    x, seeds = network.x.repeat(4, 1, 1, 1), torch.arange(24) % 6
    ways = lambda m, x, rows: directions.random(x, 5, seeds[rows])  # noqa: E731
    found = distances(network.model, x, ways, "random", reach=20.0)
    assert found.crossed.any()
    np.testing.assert_allclose(found.l2[:6], found.l2[18:], rtol=1e-3)


@kinds
def test_directions_have_length_one(network, kind):
    way = KINDS[kind](network.model, network.x[:4], slice(0, 4))
    torch.testing.assert_close(way.flatten(2).norm(dim=2), torch.ones(way.shape[:2]))


def test_bands_are_orthonormal_and_windows_reach_from_end_to_end():
    assert windows(28, 8, 21).tolist() == list(range(21))
    assert windows(8, 8, 5).tolist() == [0]
    assert STARTS.tolist() == [0, 1, 2, 3, 4, 5]
    x = torch.rand((5, 2, 8, 8), generator=generator(0))
    waves, index = bases(x, STARTS, 3), torch.tensor([0, 5, 2, 2, 1])
    a = torch.randn((5, 2, 3, 3), generator=generator(1))
    torch.testing.assert_close(lower(lift(a, waves, index), waves, index), a)
    torch.testing.assert_close(lift(a, waves, 2)[2:3], lift(a[2:3], waves, index[2:3]))
    whole = bases(x, windows(8, 8, 1), 8)
    torch.testing.assert_close(lift(lower(x, whole, 0), whole, 0), x)


def test_what_is_refused_in_a_sentence(linear):
    with pytest.raises(UserError, match="not a positive length"):
        distances(linear.model, linear.x, KINDS["gradient"], "gradient", reach=0.0)
    with pytest.raises(UserError, match="these are points"):
        directions.bands(linear.model, torch.rand(3, 2), STARTS, 3)
    with pytest.raises(UserError, match="cannot be taken from 8"):
        windows(8, 9, 2)


def test_looking_from_the_shortest_change_on_finds_the_same(network):
    ways = lambda m, x, rows: directions.random(x, 20, torch.arange(6)[rows])  # noqa: E731
    whole, later, beyond = (
        distances(network.model, network.x, ways, "random", reach=20.0, lines=True, nearest=nearest)
        for nearest in (None, torch.full((6,), 0.3), torch.full((6,), torch.inf))
    )
    assert np.array_equal(whole.crossed, later.crossed)
    np.testing.assert_allclose(whole.l2[whole.crossed], later.l2[later.crossed], rtol=1e-2)
    assert np.array_equal(whole.l2, beyond.l2)


def test_a_line_s_nearer_side_is_the_one_that_counts(network):
    seeds = torch.arange(6)
    one = distances(network.model, network.x, lambda m, x, r: directions.random(x, 20, seeds[r]), "", reach=20.0)
    two = distances(network.model, network.x, lambda m, x, r: -directions.random(x, 20, seeds[r]), "", reach=20.0)
    both = distances(
        network.model, network.x, lambda m, x, r: directions.random(x, 20, seeds[r]), "", reach=20.0, lines=True
    )
    np.testing.assert_allclose(both.l2, np.minimum(one.l2, two.l2), rtol=1e-3)
