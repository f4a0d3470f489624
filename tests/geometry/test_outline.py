"""Outlines beside a sampled test of membership, and some that are known."""

import numpy as np
import pytest
import torch

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, length
from explorer.geometry import plane
from explorer.geometry.outline import clip, outlines

norms = pytest.mark.parametrize("norm", CONVEX)
COUNT = 10_000


def section_of(kind, norm, reach):
    rng = generator(7)
    x = torch.rand((3, 3, 8, 8), generator=generator(2)) * 0.6 + 0.2
    if kind == "points":
        return plane.attack_and_random(torch.tensor([0.9, 0.4]), torch.tensor([0.7, 0.5]), norm, reach=reach, rng=rng)
    if kind == "signs":
        away = torch.randn(x[0].shape, generator=generator(3)).sign()
        return plane.attack_and_random(x[0], x[0] + 0.01 * away, norm, reach=reach, rng=rng)
    return plane.frequencies(x[0], 1, 6, norm, reach=reach, rng=rng)


def inside(polygon, at):
    """Return which places (M, 2) lie in a convex polygon given counterclockwise."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    to = at[:, None] - polygon[None]
    return (edges[:, 0] * to[..., 1] - edges[:, 1] * to[..., 0] >= 0).all(1)


def exactly(section, at):
    """Return the points (M, d) of a plane in float64, less its origin."""
    axes = np.stack([section.across.ravel(), section.up.ravel()]).astype(np.float64)
    return torch.from_numpy(at @ axes)


@norms
@pytest.mark.parametrize("unit", CONVEX)
@pytest.mark.parametrize("kind", ["waves", "signs", "points"])
def test_ten_thousand_places_agree(kind, unit, norm):
    eps = {"linf": 0.1, "l2": 1.0, "l1": 10.0}[norm] * (0.3 if kind == "points" and norm != "linf" else 1)
    section = section_of(kind, unit, 1.0)
    found = outlines(section, norm, eps)
    span = 1.3 * np.abs(found.ball).max(0)
    at = np.random.RandomState(0).uniform(-span, span, (COUNT, 2))
    delta = exactly(section, at)
    size = length(delta, norm).numpy()
    clear = np.abs(size - eps) > (2e-5 if norm == "l2" else 1e-9) * eps  # 720 corners lie within 1e-5 of the circle
    within = size <= eps
    assert 0.1 < within.mean() < 0.9
    assert np.array_equal(inside(found.ball, at)[clear], within[clear])
    x = torch.from_numpy(section.origin).double().flatten() + delta
    boxed = ((x >= 0) & (x <= 1)).all(1).numpy()
    sure = clear & ((x.abs() > 1e-6) & ((x - 1).abs() > 1e-6)).all(1).numpy()
    assert np.array_equal(inside(found.both, at)[sure], (within & boxed)[sure])


@pytest.mark.parametrize("kind", ["waves", "signs", "points"])
def test_the_box_agrees_too(kind):
    section = section_of(kind, "l2", 2.0 if kind != "points" else 0.5)
    found = outlines(section, "l2", 1.0)
    left, right, bottom, top = section.window
    at = np.random.RandomState(0).uniform([left, bottom], [right, top], (COUNT, 2))
    x = torch.from_numpy(section.origin).double().flatten() + exactly(section, at)
    boxed = ((x >= 0) & (x <= 1)).all(1).numpy()
    sure = ((x.abs() > 1e-6) & ((x - 1).abs() > 1e-6)).all(1).numpy()
    assert 0.02 < boxed.mean() < 0.98
    assert np.array_equal(inside(found.box, at)[sure], boxed[sure])


def test_in_the_plane_of_two_coordinates_square_circle_and_diamond():
    x = torch.tensor([0.5, 0.5])
    section = plane.attack_and_random(x, torch.tensor([0.6, 0.5]), "l2", reach=0.8, rng=generator(0))
    area = {"linf": 0.04, "l2": np.pi * 0.01, "l1": 0.02}
    for norm in CONVEX:
        ball = outlines(section, norm, 0.1).ball
        assert len(ball) == {"linf": 4, "l2": 720, "l1": 4}[norm]
        u, v = ball.T
        assert (u * np.roll(v, -1) - v * np.roll(u, -1)).sum() / 2 == pytest.approx(area[norm], rel=1e-4)
    box = outlines(section, "l2", 0.1).box
    assert np.abs(box).round(6).tolist() == [[0.5, 0.5]] * 4


def test_a_picture_on_the_wall_leaves_the_box_at_once():
    x = torch.zeros((1, 4, 4))
    away = torch.ones_like(x)
    away[0, 0, 0] = -1.0
    section = plane.attack_and_random(x, x + away, "linf", reach=0.3, rng=generator(0))
    found = outlines(section, "linf", 0.1)
    assert np.abs(found.box).max() < 1e-4
    assert np.abs(found.both).max() < 1e-4
    assert np.abs(found.ball).max() >= 0.1 - 1e-9


def test_outside_of_the_box_there_is_nothing_in_it():
    x = torch.full((1, 2, 2), 0.5)
    x[0, 0, 0] = 1.5
    away = torch.zeros_like(x)
    away[0, 1] = 0.1
    section = plane.through(
        torch.stack([x, x + away, x + away.flip(2) * torch.tensor([1.0, 3.0])]), "l2", rng=generator(0)
    )
    found = outlines(section, "linf", 0.1)
    assert found.box.shape == found.both.shape == (0, 2)
    assert len(found.ball) >= 4


def test_clipping_by_nothing_and_by_everything():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    assert np.array_equal(clip(square, np.empty((0, 2)), np.empty(0)), square)
    assert clip(square, np.array([[1.0, 0]]), np.array([-1.0])).shape == (0, 2)


def test_l0_is_refused():
    with pytest.raises(UserError, match="in l0 cannot"):
        outlines(section_of("waves", "l2", 1.0), "l0", 3)
