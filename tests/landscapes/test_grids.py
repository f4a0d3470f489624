import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.landscapes.grids import between, grid, looks, steps


def bowl(at):
    a, b = at.T
    return np.exp(0.3 + a - 0.5 * b + 2 * a**2 + a * b + b**2)


def test_a_grid_runs_row_by_row():
    found = grid(3, 2.0)
    assert found.tolist()[:4] == [[-2, -2], [0, -2], [2, -2], [-2, 0]]
    assert found[4].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("side", "sides"), [(51, [11, 26, 51]), (101, [11, 21, 51, 101]), (41, [11, 21, 41]), (26, [26]), (11, [11])]
)
def test_each_look_is_part_of_the_whole(side, sides):
    assert [(side - 1) // step + 1 for step in steps(side)] == sides
    added = looks(side)
    assert len(added[0]) == sides[0] ** 2
    assert sorted(np.concatenate(added).tolist()) == list(range(side**2))
    known = set()
    for step, places in zip(steps(side), added, strict=True):
        known |= set(places.tolist())
        row, column = np.divmod(np.arange(side**2), side)
        assert known >= set(np.flatnonzero((row % step == 0) & (column % step == 0)).tolist())


def test_a_spline_of_the_logarithm_finds_a_bowl_of_it_exactly():
    at, known = grid(21), np.append(looks(21)[0], [1, 43])
    found = between(21, known, bowl(at[known]))
    assert found.loss.ravel() == pytest.approx(bowl(at), rel=1e-9)
    assert len(found.error) == 2
    assert found.worst < 1e-9
    assert found.computed.sum() == 123


def test_the_error_is_that_of_the_points_held_out():
    at = grid(51)
    loss = np.exp(np.sin(25 * at[:, 0]) + at[:, 1])  # too wavy for every second point
    known = np.concatenate(looks(51)[:2])
    found = between(51, known, loss[known])
    off = np.abs(np.log(found.loss.ravel() / loss))
    assert len(found.error) == 121 - 36
    assert off[known] == pytest.approx(np.zeros(len(known)), abs=1e-12)  # what was computed is shown as it is
    assert 0.2 * off.max() < found.worst < 1.5 * off.max()
    assert off.max() > 0.01


def test_no_error_is_told_that_was_not_measured():
    at, even = grid(21), looks(21)[0]
    with pytest.raises(UserError, match="held out"):
        between(21, even, bowl(at[even]))
    with pytest.raises(UserError, match="before the others"):
        between(21, even[1:], bowl(at[even[1:]]))
    with pytest.raises(UserError, match="no logarithm"):
        between(21, even, np.zeros(len(even)))
    with pytest.raises(UserError, match="no grid to interpolate on"):
        between(26, even, bowl(at[even]))
    with pytest.raises(UserError, match="two or more"):
        steps(1)
