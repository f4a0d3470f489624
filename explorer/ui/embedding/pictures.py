"""The pictures behind points of the map: clicked, caught with the lasso, or chosen from a list."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from explorer.core.results import Array, Embedding, Space
from explorer.core.types import Data
from explorer.figures.embedded import halves
from explorer.figures.outlook import Outlook
from explorer.ui import gallery, state
from explorer.work.request import Request


def key(request: Request) -> str:
    """Return where a session keeps what was pointed at in a map; the same whichever picture's way is drawn."""
    return f"behind_{request.with_(index=0, upload='', label='').address()}"


def click(chart: str, kept: str) -> None:
    """Take in what was clicked or caught in the chart of a key, or that nothing is any more."""
    points = st.session_state[chart].selection.points
    places = sorted({int(point["customdata"][1]) for point in points if point.get("customdata")})
    st.session_state[kept], st.session_state[f"{kept}_list"] = places, None


def behind(kept: str, request: Request, data: Data, found: Embedding, outlook: Outlook) -> None:
    """Draw the way to the pictures that needs no pointer, and those that were chosen there or pointed at."""
    offered = dict(groups(found, outlook))
    name = st.selectbox(
        f"Open {outlook.thing}s: click on one, draw a lasso (its button is above the maps), or choose here",
        [name for name, places in offered.items() if len(places)],
        index=None,
        format_func=lambda name: f"{name} ({len(offered[name])})",
        placeholder="none chosen",
        key=f"{kept}_list",
        help=f"A {outlook.thing} leads to the Attack page; the button below it draws its way through the maps.",
        width=640,
    )
    places = offered[name] if name else np.array(st.session_state.get(kept, []), np.int64)
    if len(places):
        words = f"{name or 'Pointed at'}: {len(places)}."
        gallery.pictures(request, data, words, places, below=lambda i: _way(request, i, outlook.thing))


def groups(found: Embedding, outlook: Outlook) -> Iterator[tuple[str, Array]]:
    """Yield what a list offers: words, and the places of the pictures in the test set."""
    for letter, (name, half) in zip("AB", halves(found, outlook), strict=True):
        if not isinstance(space := half.space, Space):
            continue
        who = f"{letter}, {name}"
        right = space.said == space.labels
        yield f"{who}: those that move farthest", np.argsort(-space.moved, kind="stable")[: gallery.SHOWN]
        yield f"{who}: right, and wrong under attack", np.flatnonzero(right & (space.said_adv != space.labels))
        yield f"{who}: right under attack too", np.flatnonzero(right & (space.said_adv == space.labels))
        yield f"{who}: wrong from the start", np.flatnonzero(~right)
        yield f"{who}: attacked, no neighbour of the same label", np.flatnonzero(space.agree_adv == 0)


def _way(request: Request, i: int, thing: str) -> None:
    st.button(
        "way",
        key=f"way_{i}",
        help=f"Draw the way of {thing} {i} through the maps",
        on_click=state.take,
        args=("index", i),
        disabled=i == request.index and not request.upload,
        type="tertiary",
        icon=":material/route:",
    )
