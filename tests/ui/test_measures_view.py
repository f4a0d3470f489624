"""The view "measures" in process: every measure is drawn, told, explained, or refused in a sentence."""

from functools import partial

import pytest

from explorer.attribution.measures import MEASURES
from explorer.ui.saliency.measures import lesson

SMALL = "data=digits&view=measures&pictures=20&pgd_steps=3&sensitivity_samples=2&removal_steps=4"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn or said."""
    return partial(open_script, "saliency", info=True)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_drawn_told_and_explained(open_page, name):
    method = "&method=integrated_gradients&integrated_gradients_steps=4" if name == "completeness" else ""
    at = open_page(f"{SMALL}&measure={name}{method}")
    assert not at.exception
    assert not at.error
    assert at.get("plotly_chart")
    assert "n = 20" in at.words
    assert lesson(name) in [element.value for element in at.markdown]
    assert at.selectbox(key="measure").value == name


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("data=toy&view=measures&measure=agreement", "these are points"),
        ("data=digits&view=measures&measure=completeness", "does not promise"),
    ],
)
def test_what_is_not_offered_is_said_and_asks_for_nothing(open_page, query, word):
    at = open_page(query)
    assert not at.exception
    assert any(word in element.value for element in at.info)
    assert not at.get("plotly_chart")


def test_another_measure_and_another_number_of_pictures_are_in_the_address(open_page):
    at = open_page(f"{SMALL}&measure=sparsity")
    at.selectbox(key="measure").set_value("inside").run()
    assert not at.exception
    assert "inside" in at.query_params["measure"]
    assert "on the object" in at.words
    at.number_input(key="saliency_pictures").set_value(30).run()
    assert "30" in at.query_params["pictures"]
    assert "n = 30" in at.words


@pytest.mark.parametrize("name", MEASURES)
def test_a_lesson_says_what_to_do_to_see_why_and_what_not_to_conclude(name):
    for part in ("What to do.", "What to see.", "Why.", "What not to conclude."):
        assert f"**{part}**" in lesson(name)
