"""Controls: the sidebar that every page shares, and a widget for every knob."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Knob, Real, Switch, Whole
from explorer.core.norms import SYMBOLS
from explorer.core.types import Data
from explorer.data import DATA
from explorer.data.upload import MEGABYTES, picture
from explorer.figures.setting import budget_text
from explorer.models.zoo import card, zoo_names
from explorer.ui import importing, loading, state
from explorer.ui.picker import picker
from explorer.ui.serving import listed
from explorer.work.engine import shared_engine
from explorer.work.pages import PAGES
from explorer.work.request import SEEDS, Request, default, eps_limit, norms_of, norms_with
from explorer.work.variant import stranger

TYPES = ["png", "jpg", "jpeg", "webp"]
SLIDER_STOPS = 256


def is_dark() -> bool:
    """Return whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def sidebar(request: Request, pictures: bool = True) -> Data | None:
    """Draw data set, picture (where a page shows one), models and budget; return the test set once it is loaded."""
    with st.sidebar:
        trained = tuple(name for name in DATA if zoo_names(name))
        choose("data", "Data set", request, trained, {name: DATA[name].title for name in trained})
        data = loading.data_of(request)
        if pictures and data is not None:
            picker(request, data, is_dark())
        st.divider()
        _budget(request)
        st.divider()
        names = importing.names(request)
        titles = {name: _title(name, request.data) for name in names}
        choose("a", "Model A", request, names, titles)
        choose("b", "Model B", request, names, titles)
        for name in dict.fromkeys((request.a, request.b)):
            if warning := stranger(name, dict(request.data_knobs)):
                st.caption(f":material/info: {state.markdown_free(warning)} Choose them under *Variant of the data*.")
        st.divider()
        if pictures:
            _own_picture(request)
        if DATA[request.data].knobs:
            with st.expander("Variant of the data"):
                knobs("data_knobs", request.data, DATA[request.data].knobs, dict(request.data_knobs))
        st.button("Start over", key="reset", on_click=_reset, icon=":material/restart_alt:", width="stretch")
    return data


def _title(name: str, data: str) -> str:
    """Return what to call a model among those of its data set."""
    short, title = name.removeprefix(f"{data}-"), str(card(name)["title"])
    return title if title.startswith(short) else f"{short} — {title}"


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
        label = name.replace("_", " ").capitalize()
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
    label = label or name.capitalize()
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


def _budget(request: Request) -> None:
    limit, entry = eps_limit(request.data, request.norm), ATTACKS[request.attack]
    st.segmented_control(
        "Norm",
        norms_with(request.data),
        key=state.bound("norm", request.norm),
        format_func=lambda norm: SYMBOLS[norm],
        required=True,
        on_change=state.choose,
        args=("norm", "norm"),
        help="ℓ∞: no value moves by more than eps. ℓ2: the length of the whole change. ℓ1: the sum of all. "
        f"ℓ0: how many pixels change. {entry.title} works in {listed(norms_of(request.data, request.attack))}.",
    )
    unit = DATA[request.data].facts["unit"]
    st.slider(
        f"Budget eps = {budget_text(request.eps, request.norm, unit)}",
        0,
        limit,
        step=max(1, limit // SLIDER_STOPS),
        key=state.bound("eps", request.eps),
        format="%d" if request.norm == "l0" else f"%d/{unit}",
        on_change=state.choose,
        args=("eps", "eps"),
        help="How many pixels the attacker may change."
        if request.norm == "l0"
        else f"How far the attacker may move the picture, in steps of 1/{unit}.",
    )
    if request.limits:
        st.caption(f"{entry.title} does not look at it: it keeps to {request.limits}.")


def _own_picture(request: Request) -> None:
    shape = DATA[request.data].facts["shape"]
    if len(shape) != 3:
        return
    with st.expander("Your own picture", expanded=bool(request.upload)):
        st.file_uploader(
            "PNG, JPEG or WebP; its middle square is used",
            TYPES,
            key="file",
            max_upload_size=MEGABYTES,
            on_change=_upload,
            args=(shape,),
        )
        if request.upload:
            classes = ("", *DATA[request.data].facts["classes"])
            choose("label", "What it shows", request, classes, {"": "not said"})
            st.button("Back to the test set", key="drop", on_click=state.choose, args=("index", "index"))


def _upload(shape: tuple[int, int, int]) -> None:
    file = st.session_state["file"]
    if file is None:
        return
    raw = file.getvalue()
    try:
        picture(raw, shape)
    except UserError as error:
        state.refuse(str(error))
    else:
        state.go(state.current().with_(upload=shared_engine().store.put_upload(raw), label=""))


def _reset() -> None:
    state.go(default())
