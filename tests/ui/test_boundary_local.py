"""The view "local" in process: every facet is drawn, told and explained, and what a budget does not allow is said."""

import pytest

from explorer.core.assets import assets
from explorer.work.choices import FACETS


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the view of few points at a query until something is drawn."""
    return lambda query: open_script("boundary", f"data=toy&view=local&pictures=20&{query}")


def whole(at):
    """Run a page until all of its pieces are there."""
    for _ in range(20):
        if "stop_pieces" not in [button.key for button in at.button]:
            break
        at.run()
    return at


@pytest.mark.parametrize("facet", FACETS)
def test_every_facet_is_drawn_told_and_explained(open_page, facet):
    at = whole(open_page(f"facet={facet}"))
    assert not at.exception
    assert not at.error
    assert at.get("plotly_chart")
    assert "n = 20" in at.words
    assert at.selectbox(key="facet").value == facet
    if facet in ("summary", "cosines", "spectrum"):
        assert "he thesis' claim, that" in at.words


def test_another_facet_and_number_of_pictures_are_in_the_address(open_page):
    at = open_page("facet=linearity")
    at.selectbox(key="facet").set_value("curvature").run()
    assert not at.exception
    assert at.query["facet"] == "curvature"
    assert "Largest curvature" in at.words
    at.number_input(key="boundary_pictures").set_value(30).run()
    assert at.query["pictures"] == "30"
    assert "n = 30" in at.words


def test_a_budget_of_nothing_has_no_linearity(open_page):
    at = open_page("eps=0")
    assert not at.exception
    assert any("budget above 0" in element.value for element in at.info)
    assert at.get("plotly_chart")
    assert "Loss off" not in at.words


@pytest.mark.parametrize("facet", FACETS)
def test_a_lesson_says_what_to_do_to_see_why_and_what_not_to_conclude(facet):
    lesson = (assets() / "lessons" / f"boundary-local-{facet}.md").read_text()
    for part in ("What to do.", "What to see.", "Why.", "What not to conclude."):
        assert f"**{part}**" in lesson
