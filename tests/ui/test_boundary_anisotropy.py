"""The view "anisotropy" of the Boundary page in process: drawn, told, refused in a sentence."""

import pytest

SMALL = "data=digits&view=anisotropy&side=8&networks=100&architecture=mlp"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn or said."""
    return lambda query: open_script("boundary", query, info=True)


def test_the_directions_are_drawn_and_told_and_another_architecture_is_in_the_address(open_page):
    at = open_page(SMALL)
    assert not at.exception
    assert not at.error
    assert len(at.figure["layout"]["images"]) == 33
    assert "mlp, n = 100 networks drawn at random" in at.words
    assert "**What not to conclude.**" in at.words
    at.slider(key="boundary_side").set_value(9).run()
    assert at.query["side"] == "9"
    assert "Of 81 directions" in at.words


@pytest.mark.parametrize(
    ("change", "words"), [("side=16", "too few for 16×16"), ("architecture=quantised", "0 of 100 have one")]
)
def test_what_cannot_be_is_said(open_page, change, words):
    name = change.split("=")[0]
    at = open_page("&".join([*(part for part in SMALL.split("&") if not part.startswith(name)), change]))
    assert not at.exception
    assert any(words in one.value for one in at.info)
    assert not at.get("plotly_chart")
