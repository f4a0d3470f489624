"""The Models page in process: what is at hand, and what this session brought."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.models.zoo import zoo_names
from explorer.ui import state
from explorer.work.engine import shared_engine

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "models.py"


@pytest.mark.parametrize("name", ["toy", "digits"])
def test_every_model_of_the_data_is_shown_with_what_was_measured(monkeypatch, tmp_path, name):
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()
    at = AppTest.from_file(str(PAGE), default_timeout=120)
    at.session_state[state.PAGE] = "models"
    at.query_params["data"] = name
    at.run()
    assert not at.exception
    assert not at.error
    words = " ".join(element.value for element in at.markdown)
    for model in zoo_names(name):
        assert model in words
    assert "n = 500" in words
