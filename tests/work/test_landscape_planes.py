"""The view "planes": tiles of several seeds, which are those of the view "surface" with that seed."""

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.results import Losses
from explorer.landscapes.grids import grid
from explorer.work.address import read
from explorer.work.landscape import planes, surface
from explorer.work.landscape.tiles import SIDE, Tile
from explorer.work.request import Request


def request_of(query: str, view: str = "planes") -> Request:
    request, problems = read(f"/landscape?view={view}&{query}")
    assert not problems
    return request


def fake(tile: Tile) -> Losses:
    """Return a tile whose loss is its seed, plus one."""
    at = grid(SIDE)[tile.places]
    loss = np.full(len(at), tile.seed + 1.0)
    return Losses(at, loss, 0 * loss, np.zeros(len(at), np.int64), tile.stop)


def test_a_plane_is_that_of_the_view_surface_with_its_seed():
    asked = planes.pieces(request_of("data=toy&seed=7&planes=3&mesh=51&ways=gradient"))
    assert [one.seed for one in asked] == [7, 7, 8, 8, 9, 9]
    assert asked[2:4] == surface.pieces(request_of("data=toy&seed=8&mesh=11", "surface"))
    under = planes.pieces(request_of("data=toy&loss=anew&planes=2"))
    assert {one.loss for one in under} == {"anew"}
    last = planes.pieces(request_of("data=toy&seed=9999&planes=2"))
    assert [one.seed for one in last] == [9999, 9999, 0, 0]
    with pytest.raises(UserError, match="projected gradient descent"):
        planes.pieces(request_of("data=digits&norm=l0&attack=pixel_search&loss=kept"))


def test_a_budget_of_0_is_refused_and_nothing_is_said_of_a_spline():
    with pytest.raises(UserError, match="budget of 0"):
        planes.pieces(request_of("data=toy&loss=kept&eps=0"))
    request = request_of("data=toy&planes=2&between=true")
    found = planes.gather(request, {one: fake(one) for one in planes.pieces(request)})
    assert "Nothing is drawn between" not in found.terrains["0"].note


def test_planes_are_shown_as_they_come():
    request = request_of("data=toy&planes=3")
    asked = planes.pieces(request)
    assert planes.gather(request, {}) is None
    assert planes.gather(request, {asked[0]: fake(asked[0])}) is None
    some = planes.gather(request, {one: fake(one) for one in asked[:4]})
    assert list(some.terrains) == ["0", "1"]
    whole = planes.gather(request, {one: fake(one) for one in asked})
    assert [float(one.a.loss[0]) for one in whole.terrains.values()] == [1, 2, 3]
    assert all(one.side == 11 for one in whole.terrains.values())
