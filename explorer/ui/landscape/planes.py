"""The view "planes": the loss over several planes of random directions, as one can mislead."""

import streamlit as st

from explorer.core.results import Planes
from explorer.core.types import Data
from explorer.figures.planes import planes, snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.gathering import gathered
from explorer.ui.landscape import frame
from explorer.ui.landscape.surface import HEIGHT, LOSSES
from explorer.ui.setting import own_setting
from explorer.work.landscape.planes import gather, pieces, plane
from explorer.work.landscape.surface import refusal
from explorer.work.request import Request

TITLE = "Several planes"
KNOBS = ("planes", "n", "reach", "climbs", "statistics")


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the planes as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("loss", "Loss of", request, LOSSES, width=300)
        controls.picked("height", "Height", request, HEIGHT, "show", width=130)
        help = "How many planes and pictures, how far, the attack's steps, batch norm, and the first seed"
        controls.settings(request, help, *KNOBS, show=("ceiling",))
    if reason := refusal(plane(request, 0)):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Planes | None) -> None:
    if found is None:
        return
    setting, show, code = own_setting(request), dict(request.show), snippet(shell.url(request))
    figure = planes(found, setting, show, dark=controls.is_dark())
    alt = (
        f"Two rows of {len(found.terrains)} small maps on one scale, model A above and model B below: the "
        f"{show['height']} as the weights move along random directions, other ones in each column."
    )
    frame.beside(figure, request, "planes", told(found, setting, show), lambda: table(found, setting), code, alt)
