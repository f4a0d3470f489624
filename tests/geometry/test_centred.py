"""What is left of likeness beyond what all share, beside the same computed anew for every picture left out."""

import numpy as np
import pytest
import torch

from explorer.core.progress import Cancelled
from explorer.core.stats import Mean
from explorer.geometry.centred import has_own, level, live, on_live, squares

N, D = 12, 6


@pytest.fixture
def ways():
    found = np.random.default_rng(0).normal(size=(N, D)) + 1
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_live_is_what_is_not_nearly_always_the_same():
    x = torch.zeros(200, 1, 2, 2)
    x[:, 0, 0, 0] = torch.linspace(0, 1, 200)
    x[:2, 0, 0, 1] = 1  # in one picture of a hundred
    x[:1, 0, 1, 0] = 1
    assert live(x).tolist() == [True, True, False, False]


def test_a_level_s_cosines_are_correlations_over_the_live_values(ways):
    alive = np.arange(D) > 1
    np.testing.assert_allclose(
        level(ways, alive) @ level(ways, alive).T, np.corrcoef(ways[:, alive]), rtol=1e-12, atol=1e-12
    )
    flat = np.ones((2, D)) / D**0.5
    assert not level(flat, alive).any()
    assert not on_live(np.eye(D)[:1], alive).any()
    np.testing.assert_allclose(np.linalg.norm(on_live(ways, alive), axis=1), 1)


def brute(ways, chosen):
    own = ways - ways.mean(0)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    return ((own @ own.T) ** 2)[chosen].mean()


def test_without_a_picture_the_others_are_centred_anew(ways):
    there = np.arange(N) != 4
    pairs = there[:, None] & there & ~np.eye(N, dtype=bool)
    some = pairs & (np.arange(N)[:, None] % 3 == np.arange(N) % 3)
    some[1] = some[:, 1] = False
    found = squares(ways, there, {"all": pairs, "some": some, "none": pairs & ~pairs})
    assert set(found) == {"all", "some"}
    for kind, chosen in (("all", pairs), ("some", some)):
        rows = np.flatnonzero(there)
        one = found[kind]
        assert one.value == pytest.approx(brute(ways[rows], chosen[np.ix_(rows, rows)]))
        assert np.array_equal(one.paired, chosen.any(1))
        for i in range(N):
            rest = rows[rows != i]
            expected = brute(ways[rest], chosen[np.ix_(rest, rest)]) if one.paired[i] else one.value
            assert one.without[i] == pytest.approx(expected)


def test_what_all_share_counts_for_nothing(ways):
    own = ways - ways.mean(0)
    there, pairs = np.ones(N, bool), {"all": ~np.eye(N, dtype=bool)}
    plain = squares(own, there, pairs)["all"]
    shifted = squares(own + 5, there, pairs)["all"]
    assert shifted.value == pytest.approx(plain.value)
    np.testing.assert_allclose(shifted.without, plain.without)
    assert has_own(own + 5, there).all()
    assert not has_own(np.tile(ways[:1], (N, 1)), there).any()
    assert has_own(ways * (np.arange(N) > 2)[:, None], there).tolist() == [False] * 3 + [True] * (N - 3)


@pytest.mark.parametrize(("n", "d"), [(200, 40), (50, 3072), (20, 400)])
def test_random_directions_have_one_over_their_number_of_values_and_look_away_from_each_other(n, d):
    ways = np.random.default_rng(1).normal(size=(n, d))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    found = squares(ways, np.ones(n, bool), {"all": ~np.eye(n, dtype=bool)})["all"]
    assert found.value == pytest.approx(1 / d + 1 / (n - 1) ** 2, rel=0.05)


def test_the_interval_holds_the_truth_in_most_draws():
    """Of directions that share a part and lie along some axes more than along others; the truth is that of many."""
    rng, held = np.random.default_rng(2), 0

    def draw(n):
        found = rng.normal(size=(n, 8)) * [3, 2, 1, 1, 0.5, 0.5, 0.3, 0.3] + [2, 0, 0, 1, 0, 0, 0, 0]
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    truth = brute(draw(3000), ~np.eye(3000, dtype=bool))
    for _ in range(100):
        one = squares(draw(30), np.ones(30, bool), {"all": ~np.eye(30, dtype=bool)})["all"]
        low, high = Mean.jackknifed(one.value, one.without).interval
        held += low <= truth <= high
    assert held >= 89


def test_it_can_be_cancelled(ways):
    def stop(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        squares(ways, np.ones(N, bool), {"all": ~np.eye(N, dtype=bool)}, tick=stop)
