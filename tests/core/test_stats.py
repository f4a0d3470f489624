import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.stats import Mean, Median, Pooled, Rate, medians, over_pairs, redrawn


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (Wilson without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_as_published(hits, n, low, high):
    assert Rate(hits, n).interval == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_stays_in_range(pair):
    low, high = Rate(*pair).interval
    assert 0 <= low <= Rate(*pair).value + 1e-12
    assert Rate(*pair).value <= high + 1e-12 <= 1 + 1e-11


def test_a_rate_is_told_with_n_and_interval():
    assert str(Rate(900, 1000)) == "90.0% (n = 1,000, 95 % interval 88.0% to 91.7%)"
    assert Rate(900, 1000).cell == "90.0% (88.0%–91.7%)"


@pytest.mark.parametrize(
    ("hits", "cell"),
    [
        (0, "0.0% (0.0%–0.04%)"),
        (1, "0.01% (0.002%–0.1%)"),
        (9_999, "99.99% (99.9%–99.998%)"),
        (10_000, "100.0% (99.96%–100.0%)"),
    ],
)
def test_what_is_neither_none_nor_all_does_not_read_so(hits, cell):
    assert Rate(hits, 10_000).cell == cell


def test_student_s_interval_of_a_mean():
    """Student 1908, Biometrika 6:1, the sleep of ten patients: mean 1.58, s 1.23, t of 9 degrees 2.262."""
    gained = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    found = Mean.of(gained)
    half = 2.2621572 * gained.std(ddof=1) / np.sqrt(10)
    assert found.value == pytest.approx(1.58)
    assert found.n == 10
    assert found.interval == pytest.approx((1.58 - half, 1.58 + half), abs=1e-6)
    assert str(found) == "1.58 (n = 10, 95 % interval 0.7 to 2.46)"


def test_a_mean_of_shares_stays_among_them_and_is_no_surer_than_a_rate():
    none = Mean.of_shares(np.zeros(40))
    assert none == Mean(0.0, 40, Rate(0, 40).interval)
    assert Mean.of_shares(np.ones(40)).interval == Rate(40, 40).interval
    near = np.array([1.0, 1.0, 1.0, 0.9])
    assert Mean.of(near).interval[1] > 1
    assert Mean.of_shares(near).interval == (Mean.of(near).interval[0], 1.0)


def test_a_ratio_with_equal_wholes_is_a_mean():
    parts = np.array([1.0, 2.0, 4.0, 3.0])
    ratio, mean = Mean.of_ratio(parts, np.full(4, 5.0)), Mean.of(parts / 5)
    assert ratio.value == pytest.approx(mean.value)
    assert ratio.interval == pytest.approx(mean.interval)


def test_a_ratio_s_interval_holds_the_truth_in_95_of_100_draws():
    rng, held = np.random.default_rng(0), 0
    for _ in range(1000):
        wholes = rng.gamma(4, size=200)
        low, high = Mean.of_ratio(0.3 * wholes + rng.normal(size=200), wholes).interval
        held += low <= 0.3 <= high
    assert 925 <= held <= 975


def test_the_mean_of_equal_values_has_no_width():
    assert Mean.of(np.full(5, 0.25)) == Mean(0.25, 5, (0.25, 0.25))


def test_of_a_plain_mean_the_jackknife_is_student_s_interval():
    values = np.array([1.0, 4.0, 2.0, 7.0, 3.0])
    without = (values.sum() - values) / 4
    found, expected = Mean.jackknifed(float(values.mean()), without), Mean.of(values)
    assert found.interval == pytest.approx(expected.interval)
    assert (found.value, found.n) == (pytest.approx(expected.value), 5)


def test_a_mean_over_pairs_leaves_each_draw_out_with_all_its_pairs():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(7, 7))
    values, among = values + values.T, rng.random((7, 7)) < 0.6
    among = np.triu(among, 1) | np.triu(among, 1).T
    among[3] = among[:, 3] = False
    values[3] = np.nan
    mean, without = over_pairs(values, among)
    assert mean == pytest.approx(values[among].mean())
    others = [i for i in range(7) if i != 3]
    expected = []
    for i in others:
        rest = [j for j in others if j != i]
        expected.append(values[np.ix_(rest, rest)][among[np.ix_(rest, rest)]].mean())
    assert without == pytest.approx(expected)
    assert over_pairs(values, np.zeros_like(among)) is None
    star = np.zeros((4, 4), bool)
    star[0, 1:] = star[1:, 0] = True
    assert over_pairs(np.ones((4, 4)), star) is None


def test_the_interval_of_a_mean_over_pairs_holds_the_truth_where_that_of_its_values_does_not():
    """Of x_i·x_j with independent x the mean over pairs is the square of the mean."""
    rng, held, naive = np.random.default_rng(1), 0, 0
    among = ~np.eye(40, dtype=bool)
    for _ in range(400):
        x = rng.normal(2.0, 1.0, size=40)
        values = np.outer(x, x)
        low, high = Mean.jackknifed(*over_pairs(values, among)).interval
        held += low <= 4 <= high
        low, high = Mean.of(values[np.triu_indices(40, 1)]).interval
        naive += low <= 4 <= high
    assert 0.91 < held / 400 < 0.98
    assert naive / 400 < 0.6


def test_a_median_s_interval_is_that_of_the_sign_test():
    """David & Nagaraja 2003, table of sec. 7.1: of 20 values the 6th and the 15th, of 50 the 18th and the 33rd."""
    for n, low, high in ((6, 1, 6), (20, 6, 15), (50, 18, 33)):
        found = Median.of(np.arange(1, n + 1)[::-1])
        assert (found.value, found.n, found.interval) == ((n + 1) / 2, n, (low, high))
    assert Median.of(np.arange(5)).interval == (-np.inf, np.inf)
    assert Median.of(np.array([1.0, np.inf, np.inf])).value == np.inf
    assert str(Median.of(np.arange(6.0))) == "2.5 (n = 6, 95 % interval 0 to 5)"


def test_a_bootstrap_s_interval_is_that_of_the_middle_95_of_100():
    found = Mean.bootstrapped(0.5, np.linspace(0, 1, 1001), 7)
    assert (found.value, found.n) == (0.5, 7)
    assert found.interval == pytest.approx((0.025, 0.975))


def test_draws_are_drawn_as_often_as_there_are_and_the_same_every_time():
    counts = redrawn(30, 50)
    assert counts.shape == (50, 30)
    assert (counts.sum(1) == 30).all()
    assert (counts == redrawn(30, 50)).all()


def test_weighted_medians_are_those_of_the_values_repeated():
    rng = np.random.default_rng(0)
    values, weights = rng.random((25, 3)), redrawn(25, 20)
    values[rng.random((25, 3)) < 0.2] = np.nan
    found = medians(values, weights)
    for row, counts in zip(found, weights, strict=True):
        for median, column in zip(row, values.T, strict=True):
            again = np.repeat(column, counts)
            again = np.sort(again[np.isfinite(again)])
            assert median == again[(len(again) - 1) // 2]
    assert np.isnan(medians(np.full((4, 1), np.nan), np.ones((2, 4), int))).all()


def test_a_share_below_zero_does_not_run_two_dashes_together():
    assert Mean(0.948, 9, (0.943, 0.952)).share == "94.8% (94.3%–95.2%)"
    assert Mean(-0.003, 9, (-0.0031, -0.002)).share == "-0.3% (-0.3% to -0.2%)"  # `words.minus` makes the signs true


def test_of_single_draws_pooled_shares_have_wilson_s_interval():
    """But for Student's quantile, and for the variance's n - 1."""
    found = Pooled.of(np.repeat([0.0, 1.0], [900, 100]))
    assert found.interval == pytest.approx(Rate(100, 1000).interval, abs=2e-4)
    assert Pooled.of(np.zeros(1000)).interval == pytest.approx(Rate(0, 1000).interval, abs=1e-4)
    assert Pooled.of(np.ones(50)).interval[1] == 1
    assert str(Pooled.of(np.zeros(50))).startswith("0.0% (n = 50, 95 % interval 0.0% to 7.")


def test_shares_that_are_all_0_or_all_1_reach_that_end_exactly():
    for n in range(2, 60):
        assert Pooled.of(np.zeros(n)).interval[0] == 0.0
        assert Pooled.of(np.ones(n)).interval[1] == 1.0
    assert str(Pooled.of(np.zeros(20))) == "0.0% (n = 20, 95 % interval 0.0% to 18.0%)"


def test_pooled_shares_hold_the_truth_where_the_draws_of_a_group_are_alike():
    """Shares of 20 draws each with a probability of its own: of mean 0.05, mostly next to 0."""
    rng, held, naive, student = np.random.default_rng(2), 0, 0, 0
    for _ in range(400):
        hits = rng.binomial(20, rng.beta(0.1, 1.9, size=60))
        low, high = Pooled.of(hits / 20).interval
        held += low <= 0.05 <= high
        low, high = Rate(int(hits.sum()), 1200).interval
        naive += low <= 0.05 <= high
        low, high = Mean.of(hits / 20).interval
        student += low <= 0.05 <= high
    assert held > student > naive
    assert held / 400 > 0.9
    assert naive / 400 < 0.75
