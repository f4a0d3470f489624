"""The Saliency page in process: addresses in, views out, never an exception."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.ui import state
from explorer.work.engine import shared_engine

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "saliency.py"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Return a function that opens the page at a query until something is drawn."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()

    def open_(query: str) -> AppTest:
        at = AppTest.from_file(str(PAGE), default_timeout=120)
        at.session_state[state.PAGE] = "saliency"
        for name, value in parse_qsl(query):
            at.query_params[name] = value
        for _ in range(20):
            if at.run().get("plotly_chart") or at.exception or at.error:
                return at
        return at

    return open_


@pytest.mark.parametrize("name", ["toy", "digits", "shapes"])
def test_first_view_of_every_embedded_data_set(open_page, name):
    at = open_page(f"data={name}&view=maps")
    assert not at.exception
    assert not at.error
    assert at.get("plotly_chart")
