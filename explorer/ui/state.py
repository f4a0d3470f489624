"""The address is the state: read on every run, written by every control."""

import re
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.attacks import ATTACKS
from explorer.core.errors import UserError
from explorer.ui.serving import stand_in, why_not
from explorer.work.address import read_query
from explorer.work.request import Request, default, norms_of, norms_with

REFUSAL = "_refusal"  # in a session: sentences of what could not be done, and the query that they were said of
KEPT = ("choices", "show", "seed", "method", "method_knobs", "second", "second_knobs")  # on another data set
PAGE, LAST = "_page", "_last"  # the page being drawn, and what was asked for last on any
AHEAD = "_ahead"  # in a session: the query that was set last, and those that it took the place of
BEHIND = "_behind"  # in a session, while callbacks run: the request that the browser showed, if that was replaced
REMEMBERED = 8  # queries that a browser may still send, each a click behind


def current() -> Request:
    """Return the request of the present address, mended where it is wrong (see `report`).

    A click comes with the address that the browser has at that moment. On a slow connection, or where a chart speaks
    for itself when it is drawn anew, that is one which the click before has already replaced: it is not gone back to,
    and widgets that still stand as they did there (`BEHIND`) were not touched. So one that is put back before the
    browser has heard of its change keeps it: the page then shows what it has.
    """
    newest, replaced = st.session_state.get(AHEAD, ({}, ()))
    query = st.query_params.to_dict()
    if query in replaced:
        st.session_state[BEHIND] = read_query(_page(), query)[0]
        st.query_params.from_dict(newest)
    return read_query(_page(), st.query_params.to_dict())[0]


def turn_to(page: str) -> None:
    """Say which page is being drawn; one that is turned to within a session keeps the choices made so far."""
    before: Request | None = st.session_state.get(LAST)
    st.session_state[PAGE] = page
    run = get_script_run_ctx()
    if (before is not None and before.page != page) or (run is not None and run.is_history_navigation):
        st.session_state.pop(AHEAD, None)
    if before is not None and before.page != page:
        st.session_state.pop(REFUSAL, None)
        if not st.query_params:
            go(before.on(page))
    st.session_state[LAST] = current()
    st.session_state.pop(BEHIND, None)


def _page() -> str:
    return str(st.session_state.get(PAGE, "attack"))


def report() -> None:
    """Mend the address and say in a sentence each what was wrong with it, and what was refused (see `refuse`).

    Who copies the address copies what is shown. The sentences stay until a control is touched.
    """
    request, problems = read_query(_page(), st.query_params.to_dict())
    if problems:
        before = _refused()
        go(request)
        refuse(*before, *problems)
    if sentences := _refused():
        st.warning("\n\n".join(markdown_free(sentence) for sentence in sentences), icon=":material/info:")


def refuse(*sentences: str) -> None:
    """Say some sentences for as long as the address stays as it is: why something could not be done."""
    st.session_state[REFUSAL] = sentences, st.query_params.to_dict()


def _refused() -> tuple[str, ...]:
    """Return what was said of the present address."""
    sentences, said_of = st.session_state.get(REFUSAL, ((), {}))
    return sentences if said_of == st.query_params.to_dict() else ()


def markdown_free(text: str) -> str:
    """Return the text with everything escaped that Markdown would read as more than text."""
    return re.sub(r"([\\`*_{}\[\]()<>#+.!|$~:-])", r"\\\1", text)


def go(request: Request) -> None:
    """Make `request` the present one."""
    left, (_, replaced) = st.query_params.to_dict(), st.session_state.get(AHEAD, ({}, ()))
    st.query_params.from_dict(request.query())
    newest = st.query_params.to_dict()
    st.session_state[AHEAD] = newest, [query for query in (*replaced, left) if query != newest][-REMEMBERED:]


def choose(field: str, key: str) -> None:
    """Take the value of the widget `key` into one field of the request (a widget's callback)."""
    current()
    value, behind = st.session_state[key], st.session_state.get(BEHIND)
    if behind is None or value != (list(behind.more) if field == "more" else getattr(behind, field)):
        take(field, value)


def choose_in(group: str, name: str, key: str) -> None:
    """Take the value of the widget `key` into one knob of a group (a widget's callback).

    A knob that the group does not have is one of another data set or attack, which the address has left.
    """
    values = dict(getattr(current(), group))
    value, behind = st.session_state[key], st.session_state.get(BEHIND)
    if name in values and (behind is None or value != dict(getattr(behind, group)).get(name)):
        take(group, tuple(sorted((values | {name: value}).items())))


def take(field: str, value: Any) -> None:
    """Make a value that of a field of the request, or say why not.

    The widget may be one of a view that the address has left already.
    """
    before = current()
    try:
        after = changed(before, field, value)
    except UserError as error:
        refuse(str(error))
        return
    go(after)
    if field != "attack" and after.attack != before.attack:
        left, come = (ATTACKS[one.attack].title for one in (before, after))
        refuse(f"{left} {why_not(after.data, after.norm, before.attack)}; {come} takes its place.")


def changed(request: Request, field: str, value: Any) -> Request:
    """Return the request with one field changed, and what hangs on it at its usual value.

    Another data set starts from its own first view, with the norm kept where it has it; another norm from
    its usual budget; another attack from its own knobs. An attack that does not serve another norm or data
    set makes way for one that does.
    """
    if field in ("data", "norm"):
        data, norm = (value, request.norm) if field == "data" else (request.data, value)
        norm = norm if norm in norms_with(data) else norms_with(data)[0]
        attack = request.attack if norm in norms_of(data, request.attack) else stand_in(data, norm)
        usual = default(data, norm, attack, request.page)
        knobs = request.knobs if attack == request.attack else usual.knobs
        if field == "norm":
            return request.with_(norm=norm, eps=usual.eps, attack=attack, knobs=knobs)
        kept = {name: getattr(request, name) for name in KEPT}
        return usual.with_(knobs=knobs, **kept)
    if field == "attack":
        return request.with_(attack=value, knobs=default(request.data, request.norm, value).knobs)
    if field in ("method", "second"):
        usual_knobs = default(request.data, method=value).method_knobs if value else ()
        changes = {field: value, f"{field}_knobs": usual_knobs}
        if field == "method" and value == request.second:
            changes |= {"second": "", "second_knobs": ()}
        return request.with_(**changes)
    if field == "index":
        return request.with_(index=value, upload="", label="")
    return request.with_(**{field: value})


def bound(key: str, value: Any) -> str:
    """Set the widget `key` to the request's value before it is drawn; return the key."""
    st.session_state[key] = value
    return key
