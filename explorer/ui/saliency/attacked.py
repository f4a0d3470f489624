"""The view "attacked": what an attack does to the explanation."""

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.results import MovedLook
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.moved import moved, snippet, table, told
from explorer.ui import controls, panels, shell
from explorer.ui.chooser import chooser
from explorer.ui.present import present
from explorer.ui.saliency import frame
from explorer.work.attacked import gather, pieces
from explorer.work.request import Request

TITLE = "Under attack"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, the maps before and after the attack, and what is to be known of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.explained(request)
        classes = DATA[request.data].facts["classes"]
        controls.choose("target", "Make it a …", request, ("", *classes), {"": "any wrong class"}, width=170)
        with st.popover("Settings", help="Every knob of the method and of the attack, and the seed"):
            frame.settings(request, second=False)
            entry = ATTACKS[request.attack]
            st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
            controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chooser(request)
        frame.shown(request)
    (asked,) = pieces(request)
    result = panels.result_of(asked, shell.watcher())
    found = None if result is None else gather(request, {asked: result})
    if found is not None:
        _show(request, found)


def _show(request: Request, found: MovedLook) -> None:
    sight = frame.sight(request)
    code = snippet(shell.url(request), sight)
    figure = moved(found, sight, dark=controls.is_dark())
    alt = "A row for each model: the clean picture and its map, the attacked picture and its map."
    present(figure, request, "attacked", told(found, sight), lambda: table(found, sight), code, alt, wide=True)
