"""The view "ladder": bounds of how steep each model's margins are, from the loosest to the tightest."""

import streamlit as st

from explorer.core.results import Ladders
from explorer.core.types import Data
from explorer.figures.rungs import rungs, snippet, table, told
from explorer.ui import controls, shell, state
from explorer.ui.certificate import frame
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.ladder import gather, pieces
from explorer.work.certificate.methods import refusal
from explorer.work.request import Request

TITLE = "How steep"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the ladders as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        help = "Whether it is asked within the budget or everywhere, and the seed of the points that are tried"
        controls.settings(request, help, "local")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Ladders | None) -> None:
    if found is None:
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    if not found.models:
        for sentence in found.refused.values():
            st.info(state.markdown_free(sentence), icon=":material/info:")
        return
    figure = rungs(found, setting, dark=controls.is_dark())
    alt = (
        "Bars on one logarithmic scale, model A left and model B right, a row for each method: how much the margin "
        "changes per length at most, and as a mark how much it was seen to change."
    )
    frame.beside(figure, request, "ladder", told(found, setting), lambda: table(found, setting), code, alt)
