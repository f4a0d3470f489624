"""The view "anisotropy": which directions of input space an architecture prefers before it has seen any data."""

import streamlit as st

from explorer.core.errors import UserError
from explorer.core.results import Anisotropy
from explorer.core.types import Data
from explorer.figures.preferred import preferred, snippet, table, told
from explorer.models import ARCHITECTURES
from explorer.ui import controls, shell
from explorer.ui.boundary import frame
from explorer.ui.gathering import Found, gathered
from explorer.work.boundary.anisotropy import gather, pieces, refusal
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Untrained preferences"
KNOBS = ("networks", "side")


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the directions as networks are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {one.name: one.title for one in ARCHITECTURES.values()}
        controls.picked("architecture", "Architecture", request, titles, "show", width=330)
        with st.popover("Settings", help="How many networks, how large their pictures, and the seed"):
            known = PAGES["boundary"].show
            controls.knobs("show", "boundary", {name: known[name] for name in KNOBS}, dict(request.show))
            controls.seed(request)
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, found))


def _show(request: Request, found: Found) -> None:
    try:
        result = gather(request, found)
    except UserError as error:
        st.info(str(error), icon=":material/info:")
        return
    if result is not None:
        _draw(request, result)


def _draw(request: Request, result: Anisotropy) -> None:
    setting, show, code = frame.setting(request), dict(request.show), snippet(shell.url(request))
    figure = preferred(result, dark=controls.is_dark())
    alt = (
        "Rows of small pictures: the directions that the untrained network's gradient prefers most, their spectra, "
        "those that it prefers least, their spectra, and the energy of every frequency."
    )
    frame.beside(
        figure, request, "anisotropy", told(result, setting, show), lambda: table(result), code, alt, wide=True
    )
