"""The view "plane": certified envelopes around the picture, as the ball that they are made for grows."""

from collections.abc import Mapping

import streamlit as st

from explorer.core.results import Envelopes
from explorer.core.types import Data
from explorer.figures.enveloped import enveloped
from explorer.figures.enveloping import snippet, table, told
from explorer.figures.methods import Method
from explorer.ui import controls, shell
from explorer.ui.certificate import frame
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.methods import refusal
from explorer.work.certificate.plane import gather, pieces
from explorer.work.request import Request

TITLE = "Envelope"
LINES = {"crown": "CROWN", "fast_lin": "Fast-Lin"}


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the envelopes; what other methods prove is added as it arrives."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("lines", "Planes by", request, LINES, width=160)
        controls.settings(request, "The seed of what is random: the attack that lays the plane")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    methods = frame.methods(request)
    gathered(pieces(request), lambda found: _show(request, methods, gather(request, found)))


def _show(request: Request, methods: Mapping[str, Method], found: Envelopes | None) -> None:
    if found is None:
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    figure = enveloped(found, setting, methods, dark=controls.is_dark())
    alt = (
        "Two maps of one plane, model A left and model B right: the classes' regions, the budget, and around the "
        "picture the certified envelope, which the slider changes; below, the certified distance of each ball tried."
    )
    frame.beside(figure, request, "plane", told(found, setting, methods), lambda: table(found, setting), code, alt)
