"""Norms against closed forms, a quadratic program's solution, and the law of a uniform ball."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import kstest

from explorer.core.device import generator
from explorer.core.norms import CONVEX, DUAL, NORMS, SYMBOLS, length, project, random_in_ball, steepest, strongest


def vectors(count: int = 32, shape: tuple[int, ...] = (3, 4, 4), seed: int = 0) -> torch.Tensor:
    return torch.randn((count, *shape), generator=generator(seed))


def nearest_l1(v: np.ndarray, eps: float) -> np.ndarray:
    """Soft-threshold at the root of |v| - t = eps: the KKT conditions, solved without sorting."""
    if np.abs(v).sum() <= eps:
        return v
    t = brentq(lambda t: np.maximum(np.abs(v) - t, 0).sum() - eps, 0, np.abs(v).max(), xtol=1e-14)
    return np.sign(v) * np.maximum(np.abs(v) - t, 0)


@pytest.mark.parametrize("norm", CONVEX)
def test_length_of_a_known_vector(norm):
    delta = torch.tensor([[[3.0, -4.0], [0.0, 12.0]]])
    assert length(delta, norm).tolist() == [{"linf": 12.0, "l2": 13.0, "l1": 19.0}[norm]]


def test_every_norm_has_a_symbol_and_a_dual_of_the_dual():
    assert set(SYMBOLS) == set(NORMS)
    assert all(DUAL[DUAL[norm]] == norm for norm in CONVEX)


@pytest.mark.parametrize("norm", CONVEX)
@given(seed=st.integers(0, 10_000), eps=st.floats(0, 30), scale=st.sampled_from([1e-3, 1.0, 100.0]))
@settings(max_examples=30)
def test_projection_ends_in_the_ball_and_stays(norm, seed, eps, scale):
    delta = vectors(4, seed=seed) * scale
    inside = project(delta, norm, eps)
    assert inside.shape == delta.shape
    assert (length(inside, norm) <= eps + 1e-5 * (1 + eps)).all()
    torch.testing.assert_close(project(inside, norm, eps), inside, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("norm", CONVEX)
def test_projection_leaves_the_inside_alone(norm):
    delta = vectors() * 1e-3
    torch.testing.assert_close(project(delta, norm, 1.0), delta, atol=0, rtol=1e-6)


@pytest.mark.parametrize("norm", CONVEX)
def test_projection_is_the_nearest_point(norm):
    """<v - P(v), z - P(v)> <= 0 for every z of the ball: the variational inequality of a projection."""
    delta, eps = vectors(8).double(), 1.5
    nearest = project(delta, norm, eps)
    z = random_in_ball(delta.repeat(200, 1, 1, 1), norm, eps, generator(1)).double()
    away, along = (delta - nearest).repeat(200, 1, 1, 1).flatten(1), (z - nearest.repeat(200, 1, 1, 1)).flatten(1)
    assert (away * along).sum(1).max() <= 1e-9
    assert length(nearest, norm).amax() <= eps + 1e-9


@pytest.mark.parametrize("eps", [0.0, 0.1, 2.0, 7.0, 100.0])
def test_l1_projection_equals_the_oracle(eps):
    delta = vectors(20, (17,)).double()
    found = project(delta, "l1", eps).numpy()
    np.testing.assert_allclose(found, [nearest_l1(row, eps) for row in delta.numpy()], atol=1e-9)


def test_l1_projection_with_equal_coordinates():
    delta = torch.tensor([[2.0, 2.0, -2.0, 0.0]])
    torch.testing.assert_close(project(delta, "l1", 3.0), torch.tensor([[1.0, 1.0, -1.0, 0.0]]))


@pytest.mark.parametrize("norm", NORMS)
def test_a_radius_for_each_is_as_one_for_all(norm):
    delta, eps = vectors(4), torch.tensor([0.0, 1.0, 3.0, 1000.0])
    alone = torch.cat([project(delta[i : i + 1], norm, float(eps[i])) for i in range(4)])
    assert torch.equal(project(delta, norm, eps), alone)


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e-40])
def test_steepest_step_reaches_the_dual_norm(norm, scale):
    gradient = vectors().double() * scale if scale == 1.0 else vectors() * scale
    step = steepest(gradient, norm)
    torch.testing.assert_close(length(step, norm), torch.ones_like(length(step, norm)), atol=1e-5, rtol=0)
    gain = (gradient.double() * step.double()).flatten(1).sum(1)
    torch.testing.assert_close(gain, length(gradient.double(), DUAL[norm]), atol=0, rtol=1e-4)


@pytest.mark.parametrize("norm", CONVEX)
def test_no_point_of_the_unit_ball_beats_the_steepest_step(norm):
    gradient = vectors(1).double()
    best = (gradient * steepest(gradient, norm)).sum()
    others = random_in_ball(gradient.repeat(500, 1, 1, 1), norm, 1.0, generator(2))
    assert (gradient * others).flatten(1).sum(1).max() < best


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_zero_gradient_gives_a_zero_step(norm, share):
    assert not steepest(torch.zeros(2, 3, 4, 4), norm, share).any()


def test_a_shared_l1_step_is_spread_evenly_over_the_strongest():
    gradient = torch.tensor([[5.0, -4.0, 3.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(steepest(gradient, "l1", 0.2)[0, :4], torch.tensor([0.5, -0.5, 0.0, 0.0]))
    torch.testing.assert_close(length(steepest(gradient, "l1", 0.3), "l1"), torch.ones(1))


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("d", [2, 48])
def test_random_points_fill_the_ball_uniformly(norm, d):
    """The share of a ball's volume within radius r is (r / eps)^d, in every norm."""
    points = random_in_ball(torch.empty(4000, d), norm, 0.3, generator(0))
    radius = (length(points, norm) / 0.3).double()
    assert radius.max() <= 1 + 1e-5
    assert kstest((radius**d).numpy(), "uniform").pvalue > 0.01
    assert points.mean(0).abs().max() < 0.05


@pytest.mark.parametrize("norm", CONVEX)
def test_random_directions_favour_no_sign_and_no_axis(norm):
    points = random_in_ball(torch.empty(4000, 2), norm, 1.0, generator(3))
    quadrant = torch.bincount((points[:, 0] > 0).long() * 2 + (points[:, 1] > 0).long(), minlength=4)
    assert (quadrant.double() / 4000 - 0.25).abs().max() < 4 * math.sqrt(0.25 * 0.75 / 4000)


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (0, 2)])
def test_no_points_are_no_trouble(norm, shape):
    empty = torch.empty(shape)
    for found in (project(empty, norm, 1.0), steepest(empty, norm), random_in_ball(empty, norm, 1.0, generator(0))):
        assert found.shape == shape


@pytest.mark.parametrize("norm", CONVEX)
def test_random_points_follow_the_generator_alone(norm):
    like = torch.empty(3, 5)
    state = torch.get_rng_state()
    first, again = (random_in_ball(like, norm, 1.0, generator(7)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, random_in_ball(like, norm, 1.0, generator(8)))
    assert torch.equal(torch.get_rng_state(), state)


def test_l0_counts_pixels_not_channels():
    delta = torch.zeros(2, 3, 4, 4)
    delta[0, :, 1, 2] = 0.1
    delta[0, 1, 3, 3] = -0.2
    assert length(delta, "l0").tolist() == [2, 0]
    assert length(torch.tensor([[0.0, 0.3]]), "l0").tolist() == [1]


def test_l0_keeps_the_pixels_that_change_most():
    delta = torch.rand(5, 3, 4, 4, generator=generator(0)) - 0.5
    kept = project(delta, "l0", 3)
    assert length(kept, "l0").tolist() == [3] * 5
    size = delta.square().sum(1).flatten(1)
    assert torch.equal(kept.square().sum(1).flatten(1).sort().values[:, -3:], size.sort().values[:, -3:])
    assert torch.equal(project(kept, "l0", 3), kept)
    assert not project(delta, "l0", 0).any()
    assert strongest(delta, 99).all()
