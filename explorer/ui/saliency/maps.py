"""The view "maps": the same picture and method, model A beside model B."""

import streamlit as st

from explorer.attribution import SALIENCY
from explorer.core.results import Looks
from explorer.core.types import Data
from explorer.figures.coordinates import coordinates
from explorer.figures.looks import snippet, table
from explorer.figures.maps import maps, told
from explorer.ui import controls, panels, shell
from explorer.ui.present import present
from explorer.ui.saliency import frame
from explorer.work.maps import gather, pieces
from explorer.work.request import Request

TITLE = "Maps"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, the maps, and what is to be known of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.explained(request)
        titles = {entry.name: entry.title for entry in SALIENCY.values() if entry.name != request.method}
        controls.choose("second", "Beside it", request, ("", *titles), titles | {"": "no second method"}, width=230)
        with st.popover("Settings", help="Every knob of the methods, and the seed"):
            frame.settings(request)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.shown(request)
    found = {}
    for piece in pieces(request):
        result = panels.result_of(piece, shell.watcher())
        if result is None:
            return
        found[piece] = result
    looks = gather(request, found)
    if looks is not None:
        _show(request, looks)


def _show(request: Request, looks: Looks) -> None:
    sight = frame.sight(request)
    address = shell.url(request)
    drawn = maps if looks.methods[request.method].x.ndim == 4 else coordinates
    figure = drawn(looks, sight, dark=controls.is_dark())
    alt = "The picture, and beside it the map of model A and the map of model B."
    present(figure, request, "maps", told(looks, sight), lambda: table(looks, sight), snippet(address), alt, wide=True)
