"""The Embedding page in process: addresses in, maps and numbers out, pictures behind their points."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.ui import state
from explorer.ui.embedding import pictures
from explorer.work.address import read
from explorer.work.embedding import VIEWS as KNOWN
from explorer.work.engine import shared_engine
from explorer.work.store import shared_store
from explorer.work.viewed import SAMPLES

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "embedding.py"
QUICK = "data=toy&n=40&pgd_steps=5"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], AppTest]:
    """Return a function that opens the page at a query until everything is drawn."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    shared_store.cache_clear()
    st.cache_resource.clear()

    def open_(query: str) -> AppTest:
        at = AppTest.from_file(str(PAGE), default_timeout=120)
        at.session_state[state.PAGE] = "embedding"
        for name, value in parse_qsl(query):
            at.query_params[name] = value
        for _ in range(20):
            at.run()
            waiting = any(button.key == "stop_pieces" for button in at.button)
            if at.exception or at.error or (at.get("plotly_chart") and not waiting):
                return at
        return at

    yield open_
    shared_store.cache_clear()


def figure(at: AppTest) -> dict:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


def words(at: AppTest) -> str:
    return " ".join(element.value for element in at.markdown).replace("\\", "")


def query(at: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in at.query_params.items()}


def names(at: AppTest) -> set[str]:
    return {trace["name"] for trace in figure(at)["data"] if trace.get("showlegend")}


@pytest.mark.parametrize("data", ["shapes", "digits", "toy"])
def test_the_first_view_is_there_at_once_and_so_is_umap(open_page, monkeypatch, data):
    def never(*_):
        raise AssertionError

    for name in KNOWN.samples:
        monkeypatch.setitem(SAMPLES, name, never)
    at = open_page(f"data={data}")
    assert not at.exception
    assert not at.error
    assert "the same attack moves the features of" in words(at)
    assert "n = 250" in words(at)
    assert any("step by step" in name for name in names(at))
    at.selectbox(key="projection").set_value("umap").run()
    assert not at.exception
    assert not at.error
    assert "UMAP with n_neighbors 15, min_dist 0.1, seed 0" in words(at)
    assert not at.caption or "on its way" not in at.caption[0].value


def test_controls_write_the_address_and_the_address_sets_the_controls(open_page):
    at = open_page(QUICK)
    assert not at.exception
    at.selectbox(key="space").set_value("logits").run()
    at.selectbox(key="colour").set_value("answer").run()
    at.selectbox(key="lines").set_value("none").run()
    at.slider(key="embedding_k").set_value(7).run()
    at.run()
    expected = dict(parse_qsl(QUICK)) | {"space": "logits", "colour": "answer", "lines": "none", "k": "7"}
    assert query(at) == expected
    assert "Of a point's 7 nearest neighbours in the space of logits" in words(at)
    again = open_page("&".join(f"{name}={value}" for name, value in expected.items()))
    assert figure(again) == figure(at)


def test_numbers_are_those_of_run(open_page):
    at = open_page(f"{QUICK}&view=numbers")
    assert not at.exception
    assert "n = 40" in words(at)
    assert [trace["type"] for trace in figure(at)["data"]].count("bar") == 2
    assert "**What not to conclude.**" in words(at)


def test_pictures_are_reached_without_a_pointer_and_show_their_way(open_page):
    at = open_page(f"{QUICK}&index=300")
    request, _ = read(f"/embedding?{QUICK}")
    kept = pictures.key(request)
    box = at.selectbox(key=f"{kept}_list")
    farthest = next(name for name in box.options if "farthest" in name)
    box.select(farthest).run()
    assert not at.exception
    ways = [button for button in at.button if button.key and button.key.startswith("way_")]
    assert len(ways) == 24
    assert "/attack?" in words(at)
    ways[0].click().run()
    at.run()
    assert not at.exception
    place = int(ways[0].key.removeprefix("way_"))
    assert query(at)["index"] == str(place)
    assert f"the attack on point {place}, step by step" in names(at)
    assert f"The way of point {place} on standard" in words(at)


def test_what_is_caught_with_a_lasso_opens(open_page):
    at = open_page(QUICK)
    request, _ = read(f"/embedding?{QUICK}")
    at.session_state[pictures.key(request)] = [3, 5]
    at.run()
    assert not at.exception
    y, classes = load_data("toy").y, load_data("toy").classes
    assert "Pointed at: 2." in words(at)
    assert f"[5: {classes[int(y[5])]}](" in words(at)


def test_a_piece_that_others_are_made_of_fails_them_too_and_is_tried_again(open_page, monkeypatch):
    def broken(*_):
        raise UserError("Not today.")

    with monkeypatch.context() as patch:
        patch.setitem(SAMPLES, "features", broken)
        patch.setitem(SAMPLES, "space", broken)
        at = open_page(f"{QUICK}&seed=9&view=numbers")
        at.run()
        assert not at.exception
        assert at.error[0].value == "4 of 4 parts failed. Not today."
    at.button(key="again").click().run()
    at.run()
    assert not at.error
    assert figure(at)["data"]
