"""The view of drawings in process: every choice draws, and what cannot be drawn is told."""

import pytest

from explorer.ui.saliency.drawn import DRAW, RELABEL, START
from explorer.work.pages import PAGES


@pytest.fixture
def open_view(open_script):
    """Return a function that opens the view at a query until something is drawn or said."""
    return lambda query: open_script("saliency", f"view=drawn&steps=3&{query}", info=True)


@pytest.mark.parametrize("what", DRAW)
def test_every_kind_is_drawn_and_explained(open_view, what):
    at = open_view(f"data=digits&draw={what}")
    assert not at.exception
    assert not at.error
    assert len(at.figure["layout"]["images"]) >= 8
    assert "**What to do.**" in at.words
    assert "**What not to conclude.**" in at.words
    assert [box.key for box in at.selectbox if box.key in ("start", "relabel")] == {
        "classes": ["start"],
        "units": ["start"],
        "inversion": [],
        "versions": ["relabel"],
    }[what]


def test_controls_write_the_address(open_view):
    at = open_view("data=digits")
    at.selectbox(key="start").set_value("picture").run()
    at.number_input(key="draw_pace").set_value(0.05).run()
    assert at.query == {"data": "digits", "view": "drawn", "steps": "3", "start": "picture", "pace": "0.05"}
    assert "the chosen picture" in str(at.figure["layout"]["annotations"])


def test_points_are_refused_in_a_sentence(open_view):
    at = open_view("data=toy")
    assert not at.exception
    assert not at.get("plotly_chart")
    assert "points of the plane" in at.info[0].value


def test_a_masked_gradient_draws_nothing_and_the_page_says_so(open_view):
    at = open_view("data=shapes&a=shapes-standard-masked&start=noise")
    assert not at.exception
    assert "10 of 10 came no further" in at.words


def test_every_choice_has_a_title():
    known = PAGES["saliency"].choices
    for name, titles in (("draw", DRAW), ("start", START), ("relabel", RELABEL)):
        assert known[name].kind.options == tuple(titles)
