"""Data sets on their way into the server: loaded, or downloaded, beside the pages."""

import logging
import threading
import time
from typing import Any

import streamlit as st

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.types import Data
from explorer.data import DATA, load_data
from explorer.ui import panels
from explorer.ui.shell import GRACE, watcher
from explorer.work.request import Request

Key = tuple[str, tuple[tuple[str, Any], ...]]
PATIENCE = 3.0  # seconds that a page waits before it shows progress instead
FAILURES_KEPT = 100
CANCELLED = "_load_cancelled"  # in a session: what its person cancelled last
log = logging.getLogger(__name__)


class Loading(threading.Thread):
    """One data set being loaded, for as long as any session looks at it.

    A session counts as looking until it cancels, or has shown no sign for `GRACE` seconds.
    """

    def __init__(self, key: Key) -> None:
        super().__init__(daemon=True, name=f"loading {key[0]}")
        self.key = key
        self.looks: dict[str, float] = {}  # by watcher: when it looked last
        self.data: Data | None = None
        self.error = ""
        self.progress = (0, 0, "")

    def run(self) -> None:
        """Load; hand the data to those who wait, or keep the sentence that says why not."""
        name, knobs = self.key
        try:
            self.data = load_data(name, "test", tick=self._tick, **dict(knobs))
        except Cancelled:
            return  # nobody looks, and `_tick` has taken it out
        except UserError as error:
            self.error = str(error)
        except Exception as error:
            log.exception("%s could not be loaded", name)
            self.error = f"Loading it failed with an internal error ({type(error).__name__}); the log says more."
        with _guard:
            _forget(self)

    def _tick(self, done: int, total: int, note: str = "") -> None:
        self.progress = (done, total, note)
        with _guard:
            if all(look < time.monotonic() - GRACE for look in self.looks.values()):
                del _known[self.key]  # with the guard held: who comes now starts another
                raise Cancelled


_known: dict[Key, Loading] = {}  # those that go on, and those that failed; what was loaded, `load_data` keeps
_guard = threading.Lock()


def _forget(loading: Loading) -> None:
    """Keep of those that have ended the last that failed."""
    if not loading.error:
        del _known[loading.key]
    failed = [key for key, other in _known.items() if other.error]
    for key in failed[:-FAILURES_KEPT]:
        del _known[key]


def _watched(key: Key, name: str) -> Loading:
    """Return the load of a data set, which `name` now looks at; started unless it goes on or has failed."""
    with _guard:
        if (found := _known.get(key)) is None:
            found = _known[key] = Loading(key)
            found.start()
        found.looks[name] = time.monotonic()
    return found


def data_of(request: Request) -> Data | None:
    """Return the request's test set; while it is on its way, draw the progress and return None."""
    key = (request.data, request.data_knobs)
    if st.session_state.get(CANCELLED) == key:
        _refuse(key, "The loading was cancelled.")
        return None
    st.session_state.pop(CANCELLED, None)
    loading = _watched(key, watcher())
    loading.join(PATIENCE)
    if loading.error:
        _refuse(key, loading.error)
    elif loading.data is None:
        panels.polled(lambda: _progress(loading))
    return loading.data


def absent(request: Request) -> None:
    """Say in the page that its data set is not there; the sidebar, which may be folded away, says why."""
    st.info(f"{DATA[request.data].title} is not loaded: the sidebar at the left says more.", icon=":material/info:")


def _refuse(key: Key, sentence: str) -> None:
    st.error(f"{DATA[key[0]].title} cannot be shown. {sentence}", icon=":material/cloud_off:")
    st.button("Try again", key="load_again", on_click=_again, args=(key,), icon=":material/refresh:")


def _again(key: Key) -> None:
    st.session_state.pop(CANCELLED, None)
    with _guard:
        if key in _known and _known[key].error:
            del _known[key]


def _cancel(loading: Loading) -> None:
    """Leave a load: it goes on as long as anybody else looks at it."""
    st.session_state[CANCELLED] = loading.key
    with _guard:
        loading.looks.pop(watcher(), None)


def _progress(loading: Loading) -> bool:
    """Draw the state of a load; return whether it has ended, for this session at least."""
    if st.session_state.get(CANCELLED) == loading.key or not loading.is_alive():
        return True
    with _guard:
        loading.looks[watcher()] = time.monotonic()
    done, total, note = loading.progress
    share = done / total if total else 0.0
    size = f" ({done / 1e6:.1f} of {total / 1e6:.1f} MB)" if total > 1e6 else ""
    st.progress(share, f"{DATA[loading.key[0]].title}: {note or 'loading'}{size}")
    st.button("Cancel", key="load_cancel", on_click=_cancel, args=(loading,))
    return False
