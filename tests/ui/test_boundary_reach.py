"""The views "distances" and "inside" of the Boundary page in process: drawn, told, every choice in the address."""

import pytest

from explorer.work.boundary.usual import SECONDS

LINES, POINTS = "view=distances&lines=10&draws=5&pictures=10", "view=inside&points=100&each=10&pictures=10&pgd_steps=3"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn or said."""
    return lambda query: open_script("boundary", query, info=True)


def test_distances_of_a_picture_are_drawn_told_and_explained(open_page):
    at = open_page(f"data=digits&{LINES}")
    assert not at.exception
    assert not at.error
    assert "The standard model says '" in at.words
    assert "n = 10 lines" in at.words
    assert "**What not to conclude.**" in at.words
    rows = at.figure["layout"]["yaxis"]["ticktext"]
    assert rows[0] == "attack in ℓ2"
    assert "frequency bands" in rows


def test_of_many_pictures_and_in_another_norm_every_choice_is_in_the_address(open_page):
    at = open_page(f"data=toy&{LINES}")
    assert not at.exception
    assert "frequency bands" not in at.figure["layout"]["yaxis"]["ticktext"]
    at.slider(key="boundary_lines").set_value(12).run()
    assert at.query["lines"] == "12"
    assert "n = 12 lines" in at.words
    at.selectbox(key="length").set_value("linf").run()
    assert at.query["length"] == "linf"
    assert "The shortest change found" in at.words
    assert " in ℓ∞, makes it '" in at.words
    at.selectbox(key="over").set_value("many").run()
    assert at.query["over"] == "many"
    assert "medians in ℓ∞" in at.words
    assert "n = 10 pictures" in at.words
    at.selectbox(key="taken").set_value("shortest").run()
    assert "the shortest random line" in at.words
    assert not at.exception


def test_inside_of_a_picture_s_ball_then_of_many(open_page):
    at = open_page(f"data=toy&{POINTS}")
    assert not at.exception
    assert not at.error
    assert "n = 100, 95 % interval" in at.words
    assert "**What not to conclude.**" in at.words
    assert [t["name"] for t in at.figure["data"] if t.get("name")][:2] == [
        "A standard: attack",
        "A standard: points drawn",
    ]
    at.selectbox(key="over").set_value("many").run()
    assert at.query["over"] == "many"
    assert "of 10 points drawn from each ball" in at.words
    at.slider(key="boundary_each").set_value(20).run()
    assert at.query["each"] == "20"
    assert "of 20 points drawn from each ball" in at.words
    assert not at.exception


def test_a_norm_without_balls_is_said(open_page):
    at = open_page("data=digits&view=inside&norm=l0&attack=sigma_zero")
    assert not at.exception
    assert not at.get("plotly_chart")
    assert any("choose another norm" in one.value for one in at.info)


def test_an_attack_with_limits_of_its_own_has_no_radius(open_page):
    at = open_page(f"data=digits&{POINTS}&attack=spatial")
    assert not at.exception
    assert "there is no radius to set beside" in at.words


def test_what_takes_long_without_a_gpu_is_said_and_fewer_pictures_are_offered(open_page, monkeypatch):
    monkeypatch.setitem(SECONDS["distances"], "toy", 60.0)
    at = open_page(f"data=toy&{LINES.replace('pictures=10', 'pictures=50')}&over=many")
    assert any("the rest of 50 pictures takes about 100 minutes of one core" in one.value for one in at.info)
    at.button(key="fewer").click().run()
    assert at.query["pictures"] == "25"
    assert not [button for button in at.button if button.key == "fewer"]
    assert "n = 25 pictures" in at.until_drawn().words
    assert not at.exception
