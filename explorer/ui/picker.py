"""A strip of thumbnails to choose a picture from."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.core.types import Data
from explorer.figures.images import point_thumbnail, thumbnail
from explorer.ui import state
from explorer.work.request import Request

SHOWN, COLUMNS = 12, 4
_HERE = Path(__file__).parent
_strip = st.components.v2.component(
    "robustness_explorer_picker",
    html="<div role='listbox'></div>",
    css=(_HERE / "picker.css").read_text(),
    js=(_HERE / "picker.js").read_text(),
)


def picker(request: Request, data: Data, dark: bool) -> None:
    """Draw twelve pictures of the test set about the chosen one, and the ways to the others."""
    total = len(data)
    first = min(request.index // SHOWN * SHOWN, max(0, total - SHOWN))
    items = [
        {"index": i, "png": _png(request.data, request.data_knobs, i, dark, data), "alt": _alt(data, i)}
        for i in range(first, min(first + SHOWN, total))
    ]
    chosen = -1 if request.upload else request.index
    label = f"Pictures {first} to {first + len(items) - 1} of the test set"
    _strip(
        key="strip",
        data={"items": items, "chosen": chosen, "label": label, "columns": COLUMNS},
        on_chosen_change=_take,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "‹ 12", key="back", help="Twelve pictures back", on_click=_turn, args=(-SHOWN, total), width="stretch"
        )
        st.number_input(
            "Picture number",
            0,
            total - 1,
            key=state.bound("index", request.index),
            on_change=state.choose,
            args=("index", "index"),
            label_visibility="collapsed",
            width=80,
        )
        st.button("12 ›", key="on", help="Twelve pictures on", on_click=_turn, args=(SHOWN, total), width="stretch")


def _take() -> None:
    state.take("index", int(st.session_state["strip"].chosen))


def _turn(step: int, total: int) -> None:
    state.take("index", (state.current().index + step) % total)


def _alt(data: Data, index: int) -> str:
    return f"picture {index}: {data.classes[int(data.y[index])]}"


@st.cache_data(max_entries=1024, show_spinner=False)
def _png(name: str, knobs: tuple[tuple[str, Any], ...], index: int, dark: bool, _data: Data) -> str:
    if _data.x.ndim == 2:
        return b64encode(point_thumbnail(_data.x.numpy(), _data.y.numpy(), index, dark=dark)).decode()
    return b64encode(thumbnail(_data.x[index].numpy())).decode()
