import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.stats import Rate


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
