"""The sidebar that every page shares: data set, picture, budget, models."""

from collections.abc import Iterable

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.errors import UserError
from explorer.core.norms import SYMBOLS
from explorer.core.types import Data
from explorer.data import DATA
from explorer.data.upload import MEGABYTES, picture
from explorer.figures.setting import budget_text
from explorer.models.zoo import card, zoo_names
from explorer.ui import controls, importing, loading, state
from explorer.ui.picker import picker
from explorer.ui.serving import listed
from explorer.work.engine import shared_engine
from explorer.work.request import Request, default, eps_limit, norms_of, norms_with
from explorer.work.variant import stranger

TYPES = ["png", "jpg", "jpeg", "webp"]


def sidebar(request: Request, pictures: bool = True, models: bool = True) -> Data | None:
    """Draw data set, picture and models (where a page shows them) and budget; return the test set once it is loaded."""
    with st.sidebar:
        trained = tuple(name for name in DATA if zoo_names(name))
        controls.choose("data", "Data set", request, trained, {name: DATA[name].title for name in trained})
        data = loading.data_of(request)
        if pictures and data is not None:
            picker(request, data, controls.is_dark())
        st.divider()
        _budget(request)
        st.divider()
        if models:
            _models(request)
        if pictures:
            _own_picture(request)
        if DATA[request.data].knobs:
            with st.expander("Variant of the data"):
                controls.knobs("data_knobs", request.data, DATA[request.data].knobs, dict(request.data_knobs))
        st.button("Start over", key="reset", on_click=_reset, icon=":material/restart_alt:", width="stretch")
    return data


def _models(request: Request) -> None:
    names = importing.names(request)
    titles = {name: _title(name, request.data) for name in names}
    controls.choose("a", "Model A", request, names, titles)
    controls.choose("b", "Model B", request, names, titles)
    strangers(request, (request.a, request.b))
    st.divider()


def _title(name: str, data: str) -> str:
    """Return what to call a model among those of its data set."""
    short, title = name.removeprefix(f"{data}-"), str(card(name)["title"])
    return title if title.startswith(short) else f"{short} — {title}"


def strangers(request: Request, names: Iterable[str]) -> None:
    """Say of some models which of them were trained on another kind of picture than the chosen one."""
    for name in dict.fromkeys(names):
        if warning := stranger(name, dict(request.data_knobs)):
            st.caption(f":material/info: {state.markdown_free(warning)} Choose them under *Variant of the data*.")


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
        step=max(1, limit // controls.SLIDER_STOPS),
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
            controls.choose("label", "What it shows", request, classes, {"": "not said"})
            st.button("Back to the test set", key="drop", on_click=state.take, args=("index", request.index))


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
