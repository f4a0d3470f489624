"""Attacks beside each other: what bounds each."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.figures.comparison import comparison, told


@pytest.mark.parametrize(
    ("bound", "bounds"),
    [("budget", "8/255 = 0.031"), ("smallest", "no budget"), ("own", "its own limits")],
)
def test_each_row_says_what_bounds_the_attack(make, setting, bound, bounds):
    view = make()
    view = replace(view, a=replace(view.a, bound=bound), b=replace(view.b, bound=bound))
    (row,) = comparison({"it": view}, {"it": "It"}, setting)
    assert row["within"] == bounds
    assert (row["A fooled"], row["B fooled"]) == (True, False)


TITLES = {"it": "It", "far": "Far", "noise": "Noise (control)"}
WRONG = [[0, 2, 0], [0, 3, 1]]


def long(found):
    """Return an attack as a search whose change is nine times the budget."""
    return replace(found, bound="smallest", distance={name: np.array([9 * 8 / 255]) for name in found.distance})


def test_what_was_wrong_before_any_attack_is_not_the_attack_s_success(make, hand, setting):
    views = {"it": make(hand.fell, WRONG), "far": make(hand.fell, WRONG)}
    assert [row["B fooled"] for row in comparison(views, TITLES, setting)] == [False, False]
    text = told(views, TITLES, (), setting)
    assert "2 of 2 attacks fool the standard model within 8/255 = 0.031, by the shortest change It" in text
    assert text.endswith("; the robust model was wrong before any attack.")
    views = {"it": make(goal=0, targeted=True)}
    assert "The standard model said what is wanted before any attack" in told(views, TITLES, (), setting)


def test_a_change_beyond_the_budget_is_told_by_its_length(make, setting):
    view = make()
    views = {"it": view, "far": replace(view, a=long(view.a))}
    assert [(row["name"], row["A fooled"]) for row in comparison(views, TITLES, setting)] == [
        ("it", True),
        ("far", False),
    ]
    assert "1 of 2 attacks fools the standard model" in told(views, TITLES, (), setting)
    assert told({"far": views["far"]}, TITLES, (), setting).startswith(
        "Nothing tried fools the standard model within 8/255 = 0.031; beyond it the shortest change found is that of "
        "Far (ℓ∞ 72/255); nothing tried fools the robust model within"
    )


def test_the_control_is_no_attack(make, setting):
    views = {"it": make(), "noise": make()}
    text = told(views, TITLES, {"noise"}, setting)
    assert "1 of 1 attack fools the standard model" in text
    assert "; Noise (control) fools the standard model; nothing tried" in text


def test_limits_of_its_own_are_named(make, setting):
    view = make()
    views = {"it": replace(view, a=replace(view.a, bound="own"))}
    sentence = told(views, TITLES, (), setting)
    assert "It fools the standard model within limits of its own" in sentence
    assert "shortest" not in sentence  # its length is of another kind
