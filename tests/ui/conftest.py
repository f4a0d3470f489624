"""The app in this process: no browser, no cluster."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from explorer.core.assets import entry_script
from explorer.work.engine import shared_engine


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo that a script under test takes the place of `__main__`, which processes started later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Return a function that opens an address, or a query as it stands, and runs the page once."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)  # none; else it reads every package's
    shared_engine.cache_clear()
    st.cache_resource.clear()

    def open_(address: str = "/", query: Mapping[str, str] | None = None) -> AppTest:
        at = AppTest.from_file(str(entry_script()), default_timeout=120)
        for name, value in (query or dict(parse_qsl(urlsplit(address).query))).items():
            at.query_params[name] = value
        for _ in range(20):  # a data set may still be on its way: the browser would look again
            if at.run().get("plotly_chart") or at.exception or at.error:
                return at
        return at

    return open_
