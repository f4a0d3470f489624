"""The view "bands" of the Boundary page in process: drawn, told, and every choice in its address."""

import pytest

SMALL = "data=digits&view=bands&pictures=20&bands=4"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn."""
    return lambda query: open_script("boundary", query)


def test_the_margins_are_drawn_and_told_with_n_and_interval(open_page):
    at = open_page(f"{SMALL}&b=digits-standard-flipped")
    assert not at.exception
    assert not at.error
    names = [trace["name"] for trace in at.figure["data"] if trace.get("name")]
    assert names == ["A digits-standard", "B digits-standard-flipped (frequencies flipped)"]
    assert "digits-standard, n = 20: median distance to the boundary" in at.words
    assert "the profile of digits-standard-flipped is" in at.words
    assert "**What not to conclude.**" in at.words


def test_a_model_of_other_pictures_is_pointed_out_beside_its_name(open_page):
    at = open_page(f"{SMALL}&b=digits-standard-flipped")
    assert any("was trained on pictures with frequencies = flipped" in one.value for one in at.caption)
    at = open_page(f"{SMALL}&a=digits-standard-flipped&b=digits-standard-flipped&digits_frequencies=flipped")
    assert not any("was trained on" in one.value for one in at.caption)


def test_more_models_boxes_and_fewer_bands_are_in_the_address(open_page):
    at = open_page(SMALL)
    at.multiselect(key="more").set_value(["digits-standard-lowpass"]).run()
    assert at.query["more"] == "digits-standard-lowpass"
    assert "▲" not in at.words
    assert "digits-standard-lowpass, pictures with frequencies lowpass, n = 20" in at.words
    at.selectbox(key="band_marks").set_value("box").run()
    assert at.query["band_marks"] == "box"
    assert [trace["type"] for trace in at.figure["data"]].count("box") == 3
    at.slider(key="boundary_bands").set_value(3).run()
    assert at.query["bands"] == "3"
    assert "Of 3 bands" in at.words
    at.toggle(key="boundary_own_kind").set_value(False).run()
    assert at.query["own_kind"] == "false"
    assert "pictures with" not in at.words.split("**What to do.**")[0]


def test_points_have_no_such_view(open_page):
    at = open_page("data=toy&view=bands")
    assert not at.exception
    assert "Margins by frequency" not in [option for one in at.button_group for option in one.options]


def test_the_chosen_picture_s_changes_are_drawn_and_told(open_page):
    at = open_page(f"{SMALL}&band_marks=changes&index=3&b=digits-standard-flipped")
    assert not at.exception
    assert len(at.figure["layout"]["images"]) == 2 * (1 + 4 + 4)
    assert "of picture 3, class" in at.words
    assert "digits-standard-flipped says" in at.words
    at = open_page(f"{SMALL}&band_marks=changes&upload={'0' * 64}")
    assert not at.exception
