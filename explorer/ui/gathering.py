"""An evaluation on its way: a few of its pieces in the line at a time, shown as they arrive."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.core.words import amount
from explorer.ui import panels
from explorer.ui.shell import GRACE, pieces_watcher
from explorer.work.engine import shared_engine
from explorer.work.job import Job, State
from explorer.work.landscape.descents import Recorded
from explorer.work.order import needs, unfolded
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.training.stretches import Stretch

AHEAD = 4  # pieces of one person in the line: those of others come between
PATIENCE = 0.4  # seconds that a look at them may wait
FIRST_LOOK = panels.PATIENCE  # seconds that it may wait for what is shown first, where that is about one picture
EACH = 0.3  # seconds until a page is drawn again, for each other who waits: a drawing takes the one server a tenth
WANTED, STOPPED = "_pieces_wanted", "_pieces_stopped"  # in a session: what it gathers; whether its person stopped that
PACE, RECENT = "_pieces_pace", 9  # in a session: when how many of the last were there; so many are remembered
WHOLE = "_pieces_whole"  # in a session: how many pieces it takes, with those that others are made of
FAILED, RETRIED = "_pieces_failed", "_pieces_retried"  # in a session: key -> why there is no result; keys to ask anew
Found = dict[Any, Any]  # by what was asked: a piece, or a request


def gathered(parts: Sequence[Asked], draw: Callable[[Found], None]) -> None:
    """Draw what there is of an evaluation, and as more arrives again; `draw` gets the results at hand.

    Pieces that were computed before, by anybody, are there at once. Stopped, it keeps what it has. A piece that
    fails holds up no other; where nothing else is missing, the rest is what is shown.
    """
    engine, name = shared_engine(), pieces_watcher()
    keys = tuple(piece.key for piece in parts)
    if st.session_state.get(WANTED) != keys:
        engine.leave(name)
        st.session_state[WANTED], st.session_state[STOPPED] = keys, False
        st.session_state[FAILED], st.session_state[RETRIED] = {}, set()
        st.session_state[WHOLE], st.session_state[PACE] = len(parts), []
    found = _stored(parts, keys)
    above = st.container()  # there when it is empty, too: a chart that changes its place on the page loses its zoom
    if len(found) == len(parts):
        draw(found)
        return
    if st.session_state[STOPPED]:
        with above:
            _rest(len(found), len(parts))
        draw(found)
        return
    if len(found) + _lost(keys) == len(parts):
        with above:
            _failures()
        if found:
            draw(found)
        return
    drawn: list[tuple[int, float]] = []  # how many results the page shows, and since when, once it is drawn
    with above:
        panels.polled(lambda: _step(parts, keys, drawn))
    if found := _stored(parts, keys):
        draw(found)
    drawn.append((len(found), time.monotonic()))


def goes_on(keys: tuple[str, ...]) -> bool:
    """Return whether these are gathered on somebody's page, or were when it was left just now; not once stopped."""
    return _seen().get(keys, -math.inf) > time.monotonic() - GRACE


@st.cache_resource(show_spinner=False)
def _seen() -> dict[tuple[str, ...], float]:
    """Return when each evaluation was last looked at as it went on."""
    return {}


def _see(keys: tuple[str, ...]) -> None:
    seen, now = _seen(), time.monotonic()
    seen[keys] = now
    for old in [old for old, when in list(seen.items()) if when < now - GRACE]:
        seen.pop(old, None)


def _stored(parts: Sequence[Asked], keys: Sequence[str]) -> Found:
    store = shared_engine().store
    results = ((piece, store.get(key)) for piece, key in zip(parts, keys, strict=True))
    return {piece: result for piece, result in results if result is not None}


def _step(parts: Sequence[Asked], keys: tuple[str, ...], drawn: Sequence[tuple[int, float]]) -> bool:
    """Ask for the next pieces and tell how far they are; return whether the page, once drawn, is to be drawn again.

    What is polled draws no result itself: a page whose polled piece held figures and boxes within boxes went blank
    now and then ("Cannot set a node at a delta path", Streamlit 1.67).
    """
    if st.session_state[STOPPED]:  # just now, by the button below: what was dropped is not to be asked for again
        return True
    _see(keys)
    absent, failed = _absent(parts, keys), st.session_state[FAILED]
    for part, key in absent.items():  # those that others are made of first: what is made of a failed one fails with it
        why = next((failed[absent[one]] for one in needs(part) if absent.get(one) in failed), None)
        if why is not None:
            failed[key] = why
    whole = st.session_state[WHOLE] = max(st.session_state[WHOLE], len(_stored(parts, keys)) + len(absent))
    rest = {part: key for part, key in absent.items() if key not in failed}
    ready = [part for part in rest if not any(one in rest for one in needs(part))]
    asked = {part: rest[part] for part in ready[:AHEAD]}
    jobs = [_submitted(part, key) for part, key in asked.items()]
    first = FIRST_LOOK if isinstance(next(iter(asked), None), Request) else PATIENCE  # drawn as soon as it is there
    waits = (PATIENCE / AHEAD,) * AHEAD if drawn else (first, *(0.0,) * AHEAD)
    states = [job.wait(seconds) for job, seconds in zip(jobs, waits, strict=False)]
    if any(state.phase == "finished" for state in states):
        _ask_on(rest)  # workers go on while the page is drawn
    failed |= {
        key: state.sentence for key, state in zip(asked.values(), states, strict=True) if state.phase == "failed"
    }
    there = len(_stored(parts, keys))
    missing = len(parts) - there - _lost(keys)
    if failed:
        _failures()
    if missing:
        done = whole - len(_absent(parts, keys))
        pairs = list(zip(asked, states, strict=True))
        part, now = next((pair for pair in pairs if pair[1].phase == "running"), pairs[-1])
        share = now.done / now.total if now.total else 0.0
        text = f"{done} of {whole} parts are there. {doing(part, now)}{_left(done, whole)}"
        st.progress((done + share * (now.phase == "running")) / whole, text)
        st.button("Stop here", key="stop_pieces", on_click=_stop, icon=":material/cancel:")
    if not drawn:
        return False
    shown, since = drawn[0]
    return not missing or (there > shown and due(shown, time.monotonic() - since, shared_engine().waiting - 1))


def due(shown: int, seconds: float, others: int) -> bool:
    """Return whether a page that has shown so many results for so long is to show more; the first few at once."""
    return shown < AHEAD or seconds >= EACH * others


def _left(done: int, whole: int) -> str:
    """Return how long it may take yet, by the pace of the last parts; "" where too few of them are known."""
    times: list[tuple[float, int]] = st.session_state[PACE]
    if not times or times[-1][1] != done:
        times.append((time.monotonic(), done))
        del times[:-RECENT]
    return lasts(times, whole)


def lasts(times: Sequence[tuple[float, int]], whole: int) -> str:
    """Return in words how long the rest takes at the pace of some (seconds, parts that were there).

    "" of fewer than three, and of what is over in seconds.
    """
    if len(times) < 3:
        return ""
    (start, first), (end, last) = times[0], times[-1]
    seconds = (end - start) * (whole - last) / (last - first)
    if seconds < 10:
        return ""
    return (
        f" About {amount(round(seconds / 60), 'minute') if seconds > 90 else f'{round(seconds, -1):.0f} seconds'} left."
    )


def _ask_on(rest: dict[Asked, str]) -> None:
    """Ask for those that were waiting for results that are there by now."""
    store = shared_engine().store
    left = {part: key for part, key in rest.items() if store.recall(key) is None}
    for part in [one for one in left if not any(other in left for other in needs(one))][:AHEAD]:
        _submitted(part, left[part])


def doing(part: Asked, now: State) -> str:
    """Return in words what one waits for: a place in the line, what is said of the work, or what it is about."""
    if now.phase == "queued":
        return f"Place {now.place} in line." if now.place else "Waiting for a free worker."
    if now.note:
        return f"{now.note[0].upper()}{now.note[1:]}."
    if isinstance(part, Request):
        return "Now the chosen picture."
    if isinstance(part, Stretch | Recorded):  # of no pictures
        return f"Now {part.address()}."
    return f"Now pictures {part.start:,} to {part.stop - 1:,}, {part.model}."


def _absent(parts: Sequence[Asked], keys: Sequence[str]) -> dict[Asked, str]:
    """Return the pieces that are still to be computed with their keys, those that others are made of first."""
    there = _stored(parts, keys)
    rest = unfolded([part for part in parts if part not in there])
    known = ((part, part.key) for part in rest)
    return {part: key for part, key in known if shared_engine().store.get(key) is None}


def _submitted(part: Asked, key: str) -> Job:
    again = key in st.session_state[RETRIED]
    st.session_state[RETRIED].discard(key)
    return shared_engine().submit(part, pieces_watcher(), "batch", again=again)


def _lost(keys: Sequence[str]) -> int:
    """Return how many of some pieces failed."""
    return sum(key in st.session_state[FAILED] for key in keys)


def _failures() -> None:
    failed = st.session_state[FAILED]
    panels.failure(f"{len(failed)} of {st.session_state[WHOLE]} parts failed. {next(iter(failed.values()))}", _again)


def _again() -> None:
    st.session_state[RETRIED] |= set(st.session_state[FAILED])
    st.session_state[FAILED].clear()


def _stop() -> None:
    st.session_state[STOPPED] = True
    _seen().pop(st.session_state[WANTED], None)
    shared_engine().leave(pieces_watcher())


def _rest(done: int, total: int) -> None:
    st.info(f"Stopped: {done} of {total} parts are there; what they suffice for is shown.", icon=":material/cancel:")
    st.button("Go on", key="go_on", on_click=_go_on, icon=":material/play_arrow:")


def _go_on() -> None:
    st.session_state[STOPPED] = False
