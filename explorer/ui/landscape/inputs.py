"""The view "inputs": each model's loss around one picture, along its attack and a random way."""

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.results import Valleys
from explorer.core.types import Data
from explorer.figures.valley import snippet, table, told, valleys
from explorer.ui import controls, shell
from explorer.ui.chooser import chooser
from explorer.ui.gathering import gathered
from explorer.ui.landscape import frame
from explorer.ui.setting import own_setting
from explorer.work.landscape.inputs import gather, pieces
from explorer.work.request import Request

TITLE = "One picture"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the loss around the picture."""
    entry = ATTACKS[request.attack]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chooser(request)
        controls.shown("relief", request, "In 3-D")
        with controls.settings(request, "How far, every knob of the attack, and the seed", "beyond", show=("ceiling",)):
            st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
            controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Valleys | None) -> None:
    if found is None:
        return
    setting, show, code = own_setting(request), dict(request.show), snippet(shell.url(request))
    figure = valleys(found, setting, show, dark=controls.is_dark())
    alt = (
        "The loss of one picture on model A, left, and on model B, right, on one scale: along the attack on each model "
        "across, along a random direction up, the picture in the middle."
    )
    frame.beside(figure, request, "inputs", told(found, setting, show), lambda: table(found, setting), code, alt)
