"""The view "slopes": whether losses rise as their gradients say, of many pictures."""

import streamlit as st

from explorer.core.results import Bends
from explorer.core.types import Data
from explorer.figures.climbed import climbed, snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.gathering import gathered
from explorer.ui.landscape import frame
from explorer.ui.setting import own_setting
from explorer.work.landscape.slopes import eps_of, gather, pieces, refusal
from explorer.work.request import Request

TITLE = "Along gradients"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the slopes as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.settings(request, "How many pictures, the attack's steps, and the seed", "n", "climbs")
        if request.norm != "linf":
            unit = own_setting(request).unit
            st.caption(f"A gradient's sign is a way in ℓ∞, so the budget here is {eps_of(request)}/{unit} in ℓ∞.")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Bends | None) -> None:
    if found is None:
        return
    setting, show, code = own_setting(request), dict(request.show), snippet(shell.url(request))
    figure = climbed(found, setting, dark=controls.is_dark())
    alt = (
        "Curves against the length of a step, model A left and model B right: the rise of the log odds along the own "
        "gradient's sign, along the other model's, and as the gradient lets expect; below, how each gradient turns."
    )
    frame.beside(figure, request, "slopes", told(found, setting, show), lambda: table(found, setting), code, alt)
