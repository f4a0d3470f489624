"""Controls: a widget for every knob, and for every field of the request."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.core.knobs import Choice, Knob, Real, Switch, Whole
from explorer.ui import state
from explorer.ui.labels import label_of
from explorer.work.pages import PAGES
from explorer.work.request import SEEDS, Request

SLIDER_STOPS = 256


def is_dark() -> bool:
    """Return whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def choose(
    field: str, label: str, request: Request, options: tuple[str, ...], titles: Mapping[str, str], **how: Any
) -> None:
    """Draw a select box for one field of the request."""
    st.selectbox(
        label,
        options,
        key=state.bound(field, getattr(request, field)),
        format_func=lambda name: titles.get(name, name),
        on_change=state.choose,
        args=(field, field),
        **how,
    )


def knobs(group: str, prefix: str, known: Mapping[str, Knob], values: Mapping[str, object]) -> None:
    """Draw a widget for every knob of an entry, from its own declaration."""
    for name, knob in known.items():
        key = state.bound(f"{prefix}_{name}", values[name])
        common: dict[str, Any] = {
            "key": key,
            "on_change": state.choose_in,
            "args": (group, name, key),
            "help": knob.kind.text,
        }
        label = label_of(prefix, name)
        match knob.kind:
            case Whole(low, high) if high - low > SLIDER_STOPS * 10:
                st.number_input(label, low, high, **common)
            case Whole(low, high):
                st.slider(label, low, high, step=1, **common)
            case Real(low, high):
                st.number_input(label, float(low), float(high), step=None, format="%.4g", **common)
            case Choice(options):
                st.selectbox(label, options, **common)
            case Switch():
                st.toggle(label, **common)


def several(field: str, label: str, request: Request, options: list[str], titles: Mapping[str, str]) -> None:
    """Draw a box for any number of names."""
    st.multiselect(
        label,
        options,
        key=state.bound(field, [name for name in getattr(request, field) if name in options]),
        format_func=lambda name: titles.get(name, name),
        on_change=state.choose,
        args=(field, field),
        placeholder="none" if options else "there are no others",
        disabled=not options,
    )


def view(request: Request, titles: Mapping[str, str], group: str = "show") -> None:
    """Draw the choice of what a page shows of its result; `group` holds it in the request."""
    chosen = dict(getattr(request, group))["view"]
    key = state.bound("view", chosen if chosen in titles else next(iter(titles)))
    st.segmented_control(
        "View",
        titles,
        key=key,
        format_func=lambda name: titles[name],
        required=True,
        label_visibility="collapsed",
        on_change=state.choose_in,
        args=(group, "view", key),
    )


def picked(
    name: str, label: str, request: Request, titles: Mapping[str, str], group: str = "choices", **how: Any
) -> None:
    """Draw a select box for one of the page's own choices; `group` holds it in the request."""
    key = state.bound(name, dict(getattr(request, group))[name])
    st.selectbox(
        label,
        titles,
        key=key,
        format_func=lambda name: titles[name],
        on_change=state.choose_in,
        args=(group, name, key),
        **how,
    )


def whole(name: str, label: str, request: Request, most: int | None = None, **how: Any) -> None:
    """Draw a whole number among the page's own choices; most : the largest that makes sense here."""
    kind = PAGES[request.page].choices[name].kind
    if not isinstance(kind, Whole):
        raise TypeError(f"{name} is no whole number")
    high = kind.high if most is None else min(most, kind.high)
    key = state.bound(name, min(dict(request.choices)[name], high))
    st.number_input(
        label,
        kind.low,
        high,
        key=key,
        help=kind.text,
        on_change=state.choose_in,
        args=("choices", name, key),
        **how,
    )


def shown(name: str, request: Request, label: str = "") -> None:
    """Draw the control for one way of showing a result."""
    knob, key = PAGES[request.page].show[name], state.bound(name, dict(request.show)[name])
    label = label or label_of(request.page, name)
    common: dict[str, Any] = {
        "key": key,
        "on_change": state.choose_in,
        "args": ("show", name, key),
        "help": knob.kind.text,
    }
    if isinstance(knob.kind, Choice):
        st.segmented_control(label, knob.kind.options, required=True, **common)
    elif isinstance(knob.kind, Switch):
        st.toggle(label, **common)
    else:
        st.slider(label, knob.kind.low, knob.kind.high, width=160, **common)


def seed(request: Request) -> None:
    """Draw the seed of every random choice."""
    st.number_input(
        "Seed",
        SEEDS.low,
        SEEDS.high,
        key=state.bound("seed", request.seed),
        help=SEEDS.text,
        on_change=state.choose,
        args=("seed", "seed"),
    )


def settings(request: Request, help: str, *names: str, show: Sequence[str] = ()) -> Any:
    """Draw some of the page's knobs and the seed behind a button, in the present row; return what is behind it.

    names : of those that decide a result; show : of those that decide how it is drawn
    """
    page = PAGES[request.page]
    place = st.popover("Settings", help=help)
    with place:
        knobs("choices", request.page, {name: page.choices[name] for name in names}, dict(request.choices))
        knobs("show", request.page, {name: page.show[name] for name in show}, dict(request.show))
        seed(request)
    return place
