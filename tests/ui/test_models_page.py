"""The Models page in process: what is at hand, and what this session brought."""

import tomllib
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.core.assets import entry_script
from explorer.core.errors import UserError
from explorer.models.zoo import zoo_names
from explorer.ui import loading, state
from explorer.work import wizard
from explorer.work.engine import shared_engine

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "models.py"


@pytest.fixture
def page(monkeypatch, tmp_path) -> AppTest:
    """Return the page, not yet run."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()
    at = AppTest.from_file(str(PAGE), default_timeout=120)
    at.session_state[state.PAGE] = "models"
    return at


@pytest.mark.parametrize("name", ["toy", "digits"])
def test_every_model_of_the_data_is_shown_with_what_was_measured(page, name):
    page.query_params["data"] = name
    at = page.run()
    assert not at.exception
    assert not at.error
    words = " ".join(element.value for element in at.markdown)
    for model in zoo_names(name):
        assert model in words
    assert "n = 500" in words


def test_a_model_s_file_may_be_as_large_as_is_read(page):
    page.query_params["data"] = "digits"
    (model,) = page.run().file_uploader
    assert model.proto.max_upload_size_mb == wizard.MEGABYTES
    config = tomllib.loads((entry_script().parent / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] > wizard.MEGABYTES  # the server counts what is around the file too


def test_without_its_data_the_page_says_so(page, monkeypatch):
    def offline(*_args, **_more):
        raise UserError("Offline: put it there.")

    monkeypatch.setattr(loading, "load_data", offline)
    page.query_params["data"] = "toy"
    page.query_params["toy_noise"] = "0.127"
    at = page.run()
    assert not at.exception
    assert "is not loaded" in at.main.info[0].value
    (model,) = at.file_uploader
    assert "is not loaded" in model.set_value(("m.onnx", b"x", "application/octet-stream")).run().main.info[0].value
