"""The view "sharpness": how sharp both models' losses are in the weights, in numbers."""

import streamlit as st

from explorer.core.results import Curvatures
from explorer.core.types import Data
from explorer.figures.curvatures import curvatures, snippet, table
from explorer.figures.curved import counted, follows
from explorer.ui import controls, shell
from explorer.ui.gathering import gathered
from explorer.ui.landscape import frame
from explorer.ui.setting import own_setting
from explorer.work.landscape.sharpness import attackable, gather, pieces, refusal, shown
from explorer.work.request import Request

TITLE = "Sharpness in numbers"
SHARP = {
    "numbers": "all numbers",
    "eigenvalues": "largest eigenvalues",
    "density": "all eigenvalues, how they are spread",
    "scattering": "how perturbations turn",
}
ALT = {
    "numbers": "Rows of numbers with their error bars",
    "eigenvalues": "The largest eigenvalues in their order, with their error bars",
    "density": "Curves of how many eigenvalues there are of each size",
    "scattering": "Curves of the cosine of perturbations before and after the weights move, against how far they move",
}
UNATTACKED = (
    "Under attack there is a loss within a budget above 0 in ℓ∞, ℓ2 or ℓ1: choose one at the left. Without it clean "
    "pictures are what is shown."
)


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the numbers as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("sharp", "Show", request, SHARP, "show", width=330)
        help = "How many pictures, the ball's radius, the attack's steps, and the seed"
        controls.settings(request, help, "n", "ball", "climbs")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    if not attackable(request):
        st.info(UNATTACKED, icon=":material/info:")
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Curvatures | None) -> None:
    if found is None:
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    figure = curvatures(found, setting, shown(request), dark=controls.is_dark())
    alt = f"{ALT[shown(request)]}: model A ({setting.names[0]}) and model B ({setting.names[1]})."
    words = counted(found, setting)
    frame.beside(
        figure,
        request,
        "sharpness",
        follows(found, setting),
        lambda: table(found, setting),
        code,
        alt,
        more=words,
    )
