"""The app in this process: no browser, no cluster."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.core.assets import entry_script
from explorer.ui import state
from explorer.work.engine import shared_engine


class Shown(AppTest):
    """A page as it stands."""

    @property
    def figure(self) -> dict[str, Any]:
        """Return its first figure, as it is sent to the browser."""
        return json.loads(self.get("plotly_chart")[0].proto.spec)

    @property
    def words(self) -> str:
        """Return its text, as it is read."""
        return " ".join(element.value for element in self.markdown).replace("\\", "")

    @property
    def query(self) -> dict[str, str]:
        """Return the query of its address."""
        found = self.query_params.items()
        return {name: values[0] if isinstance(values, list) else values for name, values in found}

    def until_drawn(self, *, info: bool = False) -> "Shown":
        """Run it until something is drawn or failed, or with `info` said: data may still be on its way."""
        for _ in range(20):
            if self.run().get("plotly_chart") or self.exception or self.error or (info and self.info):
                break
        return self


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo that a script under test takes the place of `__main__`, which processes started later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin with an empty cache, and compute in this process."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def open_app(fresh: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Shown]:
    """Return a function that opens an address, or a query as it stands, until something is drawn."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)  # none; else it reads every package's

    def open_(address: str = "/", query: Mapping[str, str] | None = None) -> Shown:
        at = Shown(str(entry_script()), default_timeout=120)
        at.query_params.update(query or dict(parse_qsl(urlsplit(address).query)))
        return at.until_drawn()

    return open_


@pytest.fixture
def open_script(fresh: None) -> Callable[..., Shown]:
    """Return a function that opens one page alone at a query, in a session that knows more, until it is drawn."""

    def open_(page: str, query: str | Mapping[str, str], *, info: bool = False, **more: Any) -> Shown:
        at = Shown(str(Path(explorer.ui.__file__).parent / "app_pages" / f"{page}.py"), default_timeout=120)
        for name, value in {state.PAGE: page, **more}.items():
            at.session_state[name] = value
        at.query_params.update(parse_qsl(query) if isinstance(query, str) else query)
        return at.until_drawn(info=info)

    return open_
