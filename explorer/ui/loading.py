"""Data sets on their way into the server: loaded, or downloaded, beside the pages."""

import threading
from typing import Any

import streamlit as st

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.types import Data
from explorer.data import DATA, load_data
from explorer.ui import panels
from explorer.work.request import Request

Key = tuple[str, tuple[tuple[str, Any], ...]]
PATIENCE = 3.0  # seconds that a page waits before it shows progress instead


class Loading(threading.Thread):
    """One data set being loaded, watched by any number of sessions."""

    def __init__(self, key: Key) -> None:
        super().__init__(daemon=True, name=f"loading {key[0]}")
        self.key, self.stop = key, threading.Event()
        self.data: Data | None = None
        self.error = ""
        self.progress = (0, 0, "")
        self.start()

    def run(self) -> None:
        """Load; keep the data, or the sentence that says why not."""
        name, knobs = self.key
        try:
            self.data = load_data(name, "test", tick=self._tick, **dict(knobs))
        except UserError as error:
            self.error = str(error)
        except Cancelled:
            self.error = "The download was cancelled."

    def _tick(self, done: int, total: int, note: str = "") -> None:
        self.progress = (done, total, note)
        if self.stop.is_set():
            raise Cancelled


_loading: dict[Key, Loading] = {}
_guard = threading.Lock()


def _of(key: Key, *, again: bool = False) -> Loading:
    with _guard:
        if key not in _loading or (again and not _loading[key].is_alive()):
            _loading[key] = Loading(key)
        return _loading[key]


def data_of(request: Request) -> Data | None:
    """Return the request's test set; while it is on its way, draw the progress and return None."""
    key = (request.data, request.data_knobs)
    loading = _of(key)
    loading.join(PATIENCE)
    if loading.data is not None:
        return loading.data
    if loading.is_alive():
        panels.polled(lambda: _progress(loading))
        return None
    st.error(f"{DATA[request.data].title} cannot be shown. {loading.error}", icon=":material/cloud_off:")
    st.button("Try again", key="load_again", on_click=_again, args=(key,), icon=":material/refresh:")
    return None


def _again(key: Key) -> None:
    _of(key, again=True)


def _progress(loading: Loading) -> bool:
    """Draw the state of a load; return whether it has ended."""
    done, total, note = loading.progress
    share = done / total if total else 0.0
    size = f" ({done / 1e6:.1f} of {total / 1e6:.1f} MB)" if total > 1e6 else ""
    st.progress(share, f"{DATA[loading.key[0]].title}: {note or 'loading'}{size}")
    st.button("Cancel", key="load_cancel", on_click=loading.stop.set)
    return not loading.is_alive()
