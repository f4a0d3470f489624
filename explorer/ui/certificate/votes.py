"""The view "votes": what noisy copies of the picture are called, and how far that probably holds."""

import streamlit as st

from explorer.core.results import Voted
from explorer.core.types import Data
from explorer.figures.voted import voted
from explorer.figures.voting import snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.certificate import frame
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.votes import KNOBS, gather, pieces
from explorer.work.request import Request

TITLE = "Smoothing"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the votes as they are counted."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.settings(request, "How much noise, how many copies, how much doubt, and the seed", *KNOBS)
        if request.norm != "l2":
            st.caption("What noise certifies holds in ℓ2, whatever norm is chosen at the left.")
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Voted | None) -> None:
    if found is None:
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    figure = voted(found, setting, dark=controls.is_dark())
    alt = "Bars for each class, model A left and model B right: the share of noisy copies that the model gives it."
    frame.beside(figure, request, "votes", told(found, setting), lambda: table(found, setting), code, alt)
