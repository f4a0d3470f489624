"""Data sets on their way into the server; what loads them is a stand-in that waits."""

import threading
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.data import load_data
from explorer.ui import loading

PATIENCE = 60.0
TOY = ("toy", (("kind", "moons"), ("noise", 0.1)))


class Source:
    """Stands in for `load_data`: ticks until it is released."""

    def __init__(self) -> None:
        self.free, self.cancelled, self.calls, self.error = threading.Event(), threading.Event(), 0, None

    def release(self) -> None:
        self.free.set()
        loading.PATIENCE = PATIENCE  # the page waits as long as it takes

    def __call__(self, name: str, split: str, *, tick, **knobs):
        self.calls += 1
        if self.error is not None:
            raise self.error
        try:
            while not self.free.wait(0.01):
                tick(1, 2, "downloading")
        except Cancelled:
            self.cancelled.set()
            raise
        return load_data(name, split, **knobs)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    found = Source()
    monkeypatch.setattr(loading, "load_data", found)
    monkeypatch.setattr(loading, "PATIENCE", 0.2)
    monkeypatch.setattr(loading, "_known", {})
    yield found
    found.release()
    for thread in threading.enumerate():
        if isinstance(thread, loading.Loading):
            thread.join(PATIENCE)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """Return a function that opens or reopens a page as one of several persons."""
    pages: dict[str, AppTest] = {}

    def script() -> None:
        import streamlit as st

        from explorer.ui import loading
        from explorer.work.request import default

        data = loading.data_of(default("toy").with_(data_knobs=(("kind", "moons"), ("noise", 0.1))))
        st.write("nothing" if data is None else f"{len(data.x)} points")

    def visit_(name: str, press: str = "") -> AppTest:
        monkeypatch.setattr(loading, "watcher", lambda: name)
        at = pages.setdefault(name, AppTest.from_function(script, default_timeout=60))
        (at.button(key=press).click() if press else at).run()
        assert not at.exception
        return at

    return visit_


def test_what_has_been_loaded_is_shown_and_not_kept_here(source, visit):
    source.release()
    assert visit("ann").markdown[0].value.endswith("points")
    assert loading._known == {}
    assert visit("bob").markdown[0].value.endswith("points")


def test_one_cancels_for_itself_and_the_last_for_all(source, visit):
    assert visit("ann").button(key="load_cancel")
    assert visit("bob").button(key="load_cancel")
    assert visit("ann", "load_cancel").error[0].value.endswith("The loading was cancelled.")
    assert visit("bob").button(key="load_cancel")  # goes on
    assert not source.cancelled.wait(0.1)
    visit("bob", "load_cancel")
    assert source.cancelled.wait(PATIENCE)
    assert loading._known == {}
    assert visit("bob").error  # a page may redraw itself freely
    source.release()
    assert visit("ann", "load_again").markdown[0].value.endswith("points")
    assert source.calls == 2


def test_who_comes_while_a_load_is_given_up_is_served(source):
    first = loading._watched(TOY, "ann")
    with loading._guard:
        first.looks.clear()
    assert source.cancelled.wait(PATIENCE)
    second = loading._watched(TOY, "bob")
    source.free.set()
    second.join(PATIENCE)
    assert second is not first
    assert len(second.data.x) > 0


def test_a_load_that_nobody_looks_at_any_more_is_given_up(source):
    found = loading._watched(TOY, "ann")
    found.looks["ann"] -= loading.GRACE / 2
    assert not source.cancelled.wait(0.1)
    found.looks["ann"] -= loading.GRACE / 2
    assert source.cancelled.wait(PATIENCE)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("Offline: put it there."), "Offline: put it there."),
        (ZeroDivisionError("a secret"), "internal error (ZeroDivisionError); the log says more."),
    ],
)
def test_a_failure_is_a_sentence_until_one_asks_again(source, visit, caplog, error, sentence):
    source.error = error
    for _ in range(2):
        assert visit("ann").error[0].value.endswith(sentence)
    assert source.calls == 1
    assert ("a secret" in caplog.text) == isinstance(error, ZeroDivisionError)
    source.error = None
    source.release()
    assert visit("ann", "load_again").markdown[0].value.endswith("points")


def test_only_the_last_failures_are_kept(source, monkeypatch):
    monkeypatch.setattr(loading, "FAILURES_KEPT", 3)
    source.error = UserError("No.")
    for i in range(5):
        loading._watched(("toy", (("noise", i),)), "ann").join(PATIENCE)
    assert [dict(knobs)["noise"] for _, knobs in loading._known] == [2, 3, 4]
