"""The Boundary page's slices in process: addresses in, views out, never an exception."""

import json

import pytest

from explorer.work.local import run


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn."""
    return lambda query: open_script("boundary", query)


@pytest.mark.parametrize("name", ["toy", "digits"])
def test_the_first_view_is_there_at_once_and_says_what_run_says(open_page, name):
    at = open_page(f"data={name}")
    assert not at.exception
    assert at.segmented_control(key="view").value == "slices"
    view = run(f"/boundary?data={name}")
    assert f"Asked at {view.a.asked:,} (A) and {view.b.asked:,} (B) points for 40,401 places" in at.words
    assert "The attack on B has 41 iterates" in at.words
    assert [trace["type"] for trace in at.figure["data"]].count("heatmap") == 2


def test_every_plane_is_drawn_and_has_its_own_controls(open_page):
    at = open_page("data=digits&near=1")
    for plane, own in (
        ("random", {"of"}),
        ("gradients", {"of"}),
        ("frequencies", {"low", "high"}),
        ("pictures", {"picture2", "picture3"}),
    ):
        at.selectbox(key="plane").set_value(plane).run()
        assert not at.exception, plane
        assert not at.error, plane
        keys = {one.key for one in (*at.selectbox, *at.number_input)}
        assert own == keys & {"of", "low", "high", "picture2", "picture3"}
        assert at.query == {"data": "digits", "near": "1.0", "plane": plane}
        assert "training pictures" in at.words or "training picture is" in at.words
    assert "from picture to picture 3" in at.figure["layout"]["xaxis"]["title"]["text"]
    at.number_input(key="picture2").set_value(9).run()
    assert "from picture to picture 9" in at.figure["layout"]["xaxis"]["title"]["text"]
    at.number_input(key="picture3").set_value(9).run()
    assert [error.value for error in at.error] != []
    assert "three different pictures" in at.error[0].value


def test_points_have_one_plane_and_layers_are_switches(open_page):
    at = open_page("data=toy")
    assert "plane" not in {one.key for one in at.selectbox}
    before = len(at.figure["data"])
    at.toggle(key="trail").set_value(False).run()
    assert len(at.figure["data"]) == before - 2
    assert "The attack on A has" in at.words
    at.toggle(key="surface").set_value(True).run()
    assert {trace["type"] for trace in json.loads(at.get("plotly_chart")[1].proto.spec)["data"]} == {
        "surface",
        "scatter3d",
    }
    assert at.query == {"data": "toy", "trail": "false", "surface": "true"}
    again = open_page("data=toy&trail=false&surface=true")
    assert again.figure == at.figure


def test_where_units_switch_is_drawn_when_it_is_asked_for(open_page):
    at = open_page("data=toy&folds=true")
    assert not at.exception
    assert "the standard model is linear in" in at.words
    assert "all of them found" in at.words
    at.toggle(key="folds").set_value(False).run()
    assert "is linear in" not in at.words
    assert at.query == {"data": "toy"}


def test_a_wrong_address_is_mended_and_said(open_page):
    at = open_page("data=toy&plane=sky&grid=coarse&of=c&reach=-1&high=200&bogus=1")
    assert not at.exception
    assert not at.error
    assert len(at.get("plotly_chart")) == 1
    assert "A first look" in at.words


def test_another_data_set_keeps_the_plane(open_page):
    at = open_page("data=digits&plane=gradients&of=b")
    at.selectbox(key="data").set_value("toy").run()
    assert not at.exception
    assert at.query == {"data": "toy", "plane": "gradients", "of": "b"}
