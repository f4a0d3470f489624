"""The result panel: drawn, waited for, in progress, or a sentence."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer.ui.state import markdown_free
from explorer.work.engine import shared_engine
from explorer.work.job import Job
from explorer.work.request import Request

PATIENCE = 2.5  # seconds that a page waits before it shows progress instead
PULSE = 0.5  # seconds between two looks at a job
EACH = 0.1  # seconds, at least, for each person who waits: a look costs the one server some 20 ms


def result_of(request: Request, watcher: str) -> Any | None:
    """Return the result of a request; while there is none, draw its progress or its failure."""
    again = bool(st.session_state.pop("_again", False))
    job = shared_engine().submit(request, watcher, again=again)
    state = job.wait(PATIENCE)
    if state.phase == "finished":
        return state.result
    if state.phase == "failed":
        failure(state.sentence, _again)
    elif state.phase == "cancelled":
        st.info("Cancelled. Nothing was lost: the choices are as you left them.", icon=":material/cancel:")
        st.button("Compute it", key="again", on_click=_again, icon=":material/play_arrow:")
    else:
        polled(lambda: _progress(job, watcher))
    return None


def failure(sentence: str, again: Callable[[], None]) -> None:
    """Say why there is no result, and offer to try again."""
    st.error(sentence, icon=":material/error:")
    st.button("Try again", key="again", on_click=again, icon=":material/refresh:")


def told(*sentences: str) -> None:
    """Draw plain sentences beside each other, every number on one line with its percent sign."""
    for column, sentence in zip(st.columns(len(sentences)), sentences, strict=True):
        column.markdown(markdown_free(sentence).replace(" %", "\u00a0%"))


def polled(draw: Callable[[], bool]) -> None:
    """Redraw a piece of the page again and again until it says that it has ended; then the page.

    Every half second; less often where more than five people wait, so that all of them together cost no more.
    """

    @st.fragment(run_every=max(PULSE, EACH * shared_engine().waiting))
    def piece() -> None:
        if draw():
            st.rerun()

    piece()


def _again() -> None:
    st.session_state["_again"] = True


def _progress(job: Job, watcher: str) -> bool:
    state = job.state()
    if state.phase == "queued":
        place = f"Place {state.place} in line." if state.place else "In line."
        st.progress(0.0, f"{state.note or 'Waiting for a free worker.'} {place}")
    else:
        share = min(state.done / state.total, 1.0) if state.total else 0.0
        st.progress(share, f"{state.note.capitalize() or 'Computing'}: {share:.0%}")
    st.button("Cancel", key="cancel", on_click=job.leave, args=(watcher,), icon=":material/cancel:")
    return state.ended
