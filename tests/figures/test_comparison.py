"""Attacks beside each other: what each keeps to, and which came first."""

from dataclasses import replace

import pytest

from explorer.figures.comparison import comparison


@pytest.mark.parametrize(
    ("bound", "kept"),
    [("budget", "8/255 = 0.031"), ("smallest", "nothing: the smallest"), ("own", "its own limits")],
)
def test_each_row_says_what_the_attack_keeps_to(make, setting, bound, kept):
    view = make()
    view = replace(view, a=replace(view.a, bound=bound), b=replace(view.b, bound=bound))
    (row,) = comparison({"it": view}, {"it": "It"}, setting)
    assert row["keeps to"] == kept
    assert (row["A fooled"], row["B fooled"]) == (True, False)
