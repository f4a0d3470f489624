"""Planes hold what they are laid through, and their axes have the norm's unit."""

import numpy as np
import pytest
import torch

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, length
from explorer.geometry import plane

norms = pytest.mark.parametrize("norm", CONVEX)


def pictures(count, seed=0):
    return torch.rand((count, 3, 6, 6), generator=generator(seed))


def makers(model, x, norm):
    """Return each maker's plane of the same picture."""
    settings = {"reach": 0.5, "rng": generator(5)}
    a, b = x[1], x[2]
    return [
        plane.through(x[:3], norm, rng=generator(5)),
        plane.between_attacks(x[0], a, b, norm, **settings),
        plane.attack_and_random(x[0], a, norm, **settings),
        plane.gradients(model, x[0], 0, norm, **settings),
        plane.frequencies(x[0], 1, 7, norm, **settings),
    ]


@norms
def test_the_axes_are_orthogonal_and_of_length_one(network, norm):
    for section in makers(network.model, network.x, norm):
        axes = torch.from_numpy(np.stack([section.across, section.up]))
        torch.testing.assert_close(length(axes, norm), torch.ones(2))
        assert abs(float((axes[0].double() * axes[1].double()).sum())) < 1e-6 * float(
            axes.flatten(1).norm(dim=1).prod()
        )
        assert np.array_equal(section.origin, network.x[0].numpy())
        assert not section.note


@norms
def test_what_a_plane_is_laid_through_lies_on_it(network, norm):
    x = network.x
    through, attacks, attack, *_ = makers(network.model, x, norm)
    for section, held in ((through, x[:3]), (attacks, x[:3]), (attack, x[:2])):
        places, off = plane.place(section, held)
        assert off.max() < 1e-5
        torch.testing.assert_close(plane.points(section, places), held, atol=1e-5, rtol=0)
        np.testing.assert_allclose(list(section.marks.values()), places, atol=1e-6)
        left, right, bottom, top = section.window
        assert (places > [left, bottom]).all()
        assert (places < [right, top]).all()
    assert places[1] == pytest.approx([float(length((x[1] - x[0])[None], norm)), 0], abs=1e-5)


def test_three_pictures_have_a_tenth_of_room():
    section = plane.through(pictures(3), "l2", rng=generator(0))
    places = np.array(list(section.marks.values()))
    span = (places.max(0) - places.min(0)).max()
    assert section.window[1] - section.window[0] == pytest.approx(1.2 * span)
    assert section.window[3] - section.window[2] == pytest.approx(1.2 * span)


def test_how_far_a_picture_is_off_the_plane():
    x = pictures(3)
    section = plane.through(x, "linf", rng=generator(0))
    away = torch.randn(108, generator=generator(9)).double()
    for axis in (section.across, section.up):
        axis = torch.from_numpy(axis).flatten().double()
        away -= (away @ axis) / (axis @ axis) * axis
    away = 0.7 * away / away.norm()
    inside = plane.points(section, np.array([[0.2, -0.3]]))
    places, off = plane.place(section, inside + away.view(3, 6, 6).float())
    assert places[0] == pytest.approx([0.2, -0.3], abs=1e-5)
    assert off[0] == pytest.approx(0.7, abs=1e-5)


@pytest.mark.parametrize("factor", [0.0, 2.0])
def test_a_direction_that_is_none_is_replaced_and_said(factor):
    x = pictures(2)
    on_a_line = torch.stack([x[0], x[1], x[0] + factor * (x[1] - x[0])])
    first, again = (plane.through(on_a_line, "l2", names=("A", "B", "C"), rng=generator(3)) for _ in range(2))
    assert "“towards C” is no other than the first" in first.note
    assert first.names["up"] == "a random direction"
    assert np.array_equal(first.up, again.up)
    assert plane.place(first, on_a_line)[1].max() < 1e-5
    other = plane.through(on_a_line, "l2", rng=generator(4))
    assert not np.allclose(first.up, other.up)


def test_three_times_the_same_picture():
    x = pictures(1)[0]
    section = plane.between_attacks(x, x, x, "linf", reach=0.1, rng=generator(0))
    assert section.note.count("a random direction is shown") == 2
    assert section.window.tolist() == [-0.1, 0.1, -0.1, 0.1]


def test_a_linear_model_s_gradient_does_not_turn(linear):
    section = plane.gradients(linear.model, linear.x[0], 0, "l2", reach=1.0, rng=generator(0))
    torch.testing.assert_close(torch.from_numpy(section.across).flatten(), -linear.w / linear.w.norm())
    assert "“where that way turns”" in section.note


def test_waves_have_their_frequency():
    from scipy.fft import dctn

    section = plane.frequencies(pictures(1)[0], 1, 5, "l2", reach=1.0, rng=generator(0))
    for axis, k in ((section.across, 1), (section.up, 5)):
        spectrum = np.abs(dctn(axis, norm="ortho", axes=(1, 2)))
        assert spectrum[:, k, k] == pytest.approx(3**-0.5, abs=1e-6)
        assert (spectrum**2).sum() == pytest.approx(1, abs=1e-6)


def test_points_of_the_plane_have_one():
    x = torch.rand((3, 2), generator=generator(0))
    section = plane.attack_and_random(x[0], x[1], "linf", reach=0.2, rng=generator(0))
    assert plane.place(section, x)[1].max() < 1e-6


def test_what_is_refused_in_a_sentence():
    x = pictures(1)[0]
    settings = {"reach": 0.1, "rng": generator(0)}
    with pytest.raises(UserError, match="not in 'l0'"):
        plane.attack_and_random(x, x, "l0", **settings)
    with pytest.raises(UserError, match="these are points"):
        plane.frequencies(torch.rand(2), 0, 1, "l2", **settings)
    with pytest.raises(UserError, match="from 0 to 5"):
        plane.frequencies(x, 3, 6, "l2", **settings)
    with pytest.raises(UserError, match="two coordinates"):
        plane.attack_and_random(torch.rand(1), torch.rand(1), "l2", **settings)


@norms
def test_points_live_in_the_plane_itself(norm):
    x, end = torch.tensor([0.25, 0.75]), torch.tensor([0.5, 1.0])
    section = plane.whole(x, norm, {"attack on A": end})
    assert section.window == pytest.approx([-0.25, 0.75, -0.75, 0.25])
    corners = np.array([[-0.25, -0.75], [0.75, 0.25]])
    assert plane.points(section, corners).tolist() == [[0, 0], [1, 1]]
    assert section.marks["point"].tolist() == [0, 0]
    assert section.marks["attack on A"].tolist() == [0.25, 0.25]


@norms
def test_a_place_is_as_far_as_its_picture(network, norm):
    section = plane.attack_and_random(network.x[0], network.x[1], norm, reach=0.5, rng=generator(5), name="attack on B")
    at = np.array([[0.3, -0.2], [0.0, 0.4], [0.1, 0.0], [0.0, 0.0]])
    delta = plane.points(section, at) - network.x[0]
    np.testing.assert_allclose(section.length(at), length(delta, norm), atol=1e-6)
    assert (section.names["across"], list(section.marks)) == ("the attack on B", ["picture", "attack on B"])
