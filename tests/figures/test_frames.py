from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from explorer.figures.frames import LIMIT, chosen_steps, rows


def test_rows_fill_the_height_from_the_top_without_gaps() -> None:
    total, y = rows(a=30, b=10, c=60)
    assert total == 100
    assert y["a"] == (0.7, 1.0)
    assert y["b"] == (0.6, 0.7)
    assert y["c"] == (0.0, 0.6)


def test_few_steps_are_all_shown() -> None:
    assert chosen_steps(LIMIT, [3]) == list(range(LIMIT))
    assert chosen_steps(0, []) == []


@given(st.integers(1, 10_500), st.lists(st.floats(0, 1) | st.none(), max_size=4))
def test_many_steps_are_thinned_but_keep_what_matters(count: int, shares: list[float | None]) -> None:
    keep = [None if share is None else int(share * (count - 1)) for share in shares]
    steps = chosen_steps(count, keep)
    assert steps == sorted(set(steps))
    assert len(steps) <= LIMIT
    assert {0, count - 1, *(step for step in keep if step is not None)} <= set(steps)
    gaps = [b - a for a, b in pairwise(steps)]
    assert max(gaps, default=1) <= count / (LIMIT - 7) + 1
