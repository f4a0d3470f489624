"""The view of drawings in process: every choice draws, and what cannot be drawn is told."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.ui import state
from explorer.ui.saliency.drawn import DRAW, RELABEL, START
from explorer.work.engine import shared_engine
from explorer.work.pages import PAGES

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "saliency.py"


@pytest.fixture
def open_view(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Return a function that opens the view at a query until something is drawn or said."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()

    def open_(query: str) -> AppTest:
        at = AppTest.from_file(str(PAGE), default_timeout=120)
        at.session_state[state.PAGE] = "saliency"
        for name, value in parse_qsl(f"view=drawn&steps=3&{query}"):
            at.query_params[name] = value
        for _ in range(20):
            if at.run().get("plotly_chart") or at.exception or at.error or at.info:
                return at
        return at

    return open_


def figure(at: AppTest) -> dict:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


@pytest.mark.parametrize("what", DRAW)
def test_every_kind_is_drawn_and_explained(open_view, what):
    at = open_view(f"data=digits&draw={what}")
    assert not at.exception
    assert not at.error
    assert len(figure(at)["layout"]["images"]) >= 8
    said = " ".join(one.value for one in at.markdown)
    assert "**What to do.**" in said
    assert "**What not to conclude.**" in said
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
    found = {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}
    assert found == {"data": "digits", "view": "drawn", "steps": "3", "start": "picture", "pace": "0.05"}
    assert "the chosen picture" in str(figure(at)["layout"]["annotations"])


def test_points_are_refused_in_a_sentence(open_view):
    at = open_view("data=toy")
    assert not at.exception
    assert not at.get("plotly_chart")
    assert "points of the plane" in at.info[0].value


def test_a_masked_gradient_draws_nothing_and_the_page_says_so(open_view):
    at = open_view("data=shapes&a=shapes-standard-masked&start=noise")
    assert not at.exception
    assert "10 of 10 came no further" in " ".join(one.value for one in at.markdown)


def test_every_choice_has_a_title():
    known = PAGES["saliency"].choices
    for name, titles in (("draw", DRAW), ("start", START), ("relabel", RELABEL)):
        assert known[name].kind.options == tuple(titles)
