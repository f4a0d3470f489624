"""The view "boxes": a budget for each pixel, as a map, or how alike the maps of many pictures are."""

import streamlit as st

from explorer.core.results import Boxed
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.boxed import boxed
from explorer.figures.boxing import snippet, table, told
from explorer.ui import controls, shell, state
from explorer.ui.boundary.frame import OVER
from explorer.ui.certificate import frame
from explorer.ui.certificate.plane import LINES
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.boxes import about_many, gather, pieces
from explorer.work.request import Request

TITLE = "Boxes"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the boxes as they are found."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(DATA[request.data].facts["shape"]) == 3:
            controls.picked("over", "About", request, OVER, "show", width=160)
        controls.picked("lines", "Bounds by", request, LINES, width=160)
        if about_many(request):
            controls.settings(request, "How many pictures are compared", show=("pictures",))
        if request.norm != "linf":
            st.caption("A box is a budget for each pixel, so in ℓ∞, whatever norm is chosen at the left.")
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Boxed | None) -> None:
    if found is None:
        return
    if not found.models:
        for sentence in dict.fromkeys(found.refused.values()):
            st.info(state.markdown_free(sentence), icon=":material/info:")
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    figure = boxed(found, setting, dark=controls.is_dark())
    alt = (
        "Two matrices, model A left and model B right: how alike the maps of each two pictures are."
        if about_many(request)
        else "The picture, and beside it how far each of its values may go on model A and on model B, on one scale."
    )
    frame.beside(figure, request, "boxes", told(found, setting), lambda: table(found, setting), code, alt)
