"""Attacks beside each other: what bounds each."""

from dataclasses import replace

import pytest

from explorer.figures.comparison import comparison


@pytest.mark.parametrize(
    ("bound", "bounds"),
    [("budget", "8/255 = 0.031"), ("smallest", "any length"), ("own", "its own limits")],
)
def test_each_row_says_what_bounds_the_attack(make, setting, bound, bounds):
    view = make()
    view = replace(view, a=replace(view.a, bound=bound), b=replace(view.b, bound=bound))
    (row,) = comparison({"it": view}, {"it": "It"}, setting)
    assert row["within"] == bounds
    assert (row["A fooled"], row["B fooled"]) == (True, False)
