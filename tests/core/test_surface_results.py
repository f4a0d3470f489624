"""What is found of loss landscapes is checked when it is made."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Losses, Rays, Section, Slopes, Surfaces, Terrain, Turns, Valley, Valleys

NAMES = {"across": "one", "up": "other"}


def losses(side: int, count: int = 1) -> Losses:
    ticks = np.linspace(-1, 1, side)
    b, a = np.meshgrid(ticks, ticks, indexing="ij")
    loss = np.arange(1.0, side**2 + 1)
    return Losses(np.stack([a.ravel(), b.ravel()], 1), loss, 0 * loss, np.zeros(len(loss), np.int64), count)


def test_surfaces_hold_the_kind_that_is_shown():
    view = Terrain(losses(3), losses(3), NAMES, "clean")
    assert Surfaces({"clean": view}, "clean").terrain is view
    with pytest.raises(ValueError, match="kind that is shown"):
        Surfaces({"clean": view}, "anew")


def test_the_middle_of_an_odd_grid_is_known_by_itself():
    odd, even = (Terrain(losses(side), losses(side), NAMES, "clean") for side in (3, 4))
    assert odd.centre(0).loss.tolist() == [5]
    assert even.centre(1) is None
    assert replace(even, centre_b=losses(3).at(np.array([4]))).centre(1).loss.tolist() == [5]
    assert odd.accuracy(0).shape == (3, 3)


def test_valleys_are_of_one_picture_on_one_grid():
    axes = np.eye(2, dtype=np.float32)
    plane = Section(np.zeros(2, np.float32), *axes, "l2", np.array([-1.0, 1, -1, 1]), NAMES, {})
    valley = Valley(plane, losses(3), 0, True, None)
    with pytest.raises(ValueError, match="one picture"):
        replace(valley, losses=losses(3, count=2))
    with pytest.raises(ValueError, match="square grid"):
        replace(valley, losses=losses(3).at(np.arange(8)))
    with pytest.raises(ValueError, match="one grid"):
        Valleys(valley, replace(valley, losses=losses(5)))


def test_slopes_are_of_the_same_pictures():
    still, steps = np.zeros(4), np.zeros(2)
    rays = Rays(steps, np.ones((4, 2)), np.ones(4), still, np.ones((4, 2), bool))
    turns = Turns(*(np.ones((4, 3)) for _ in range(3)), np.array([[0.0] * 3, *[[1.0] * 3] * 3]))
    assert Slopes(rays, rays, turns).flat.tolist() == [True, False, False, False]
    fewer = Rays(steps, np.ones((3, 2)), np.ones(3), still[:3], np.ones((3, 2), bool))
    with pytest.raises(ValueError, match="same pictures"):
        Slopes(rays, fewer, turns)
