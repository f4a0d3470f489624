"""The view "slices": one plane through input space as model A and model B see it."""

from functools import partial

import streamlit as st

from explorer.core.results import SliceView
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.slices import slices, told
from explorer.figures.slicing import snippet, table
from explorer.ui import controls, shell
from explorer.ui.boundary import frame
from explorer.ui.chooser import chooser
from explorer.ui.gathering import gathered
from explorer.ui.present import present
from explorer.work.boundary.slices import gather, pieces
from explorer.work.request import Request

TITLE = "Slices"
PLANES = {
    "attacks": "attack on A, attack on B",
    "random": "attack, random way",
    "gradients": "gradient, where it turns",
    "frequencies": "low and high frequency",
    "pictures": "three pictures",
}


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the plane: a coarse look, then the chosen one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(DATA[request.data].facts["shape"]) == 3:
            controls.picked("plane", "Plane", request, PLANES, width=230)
        chooser(request)
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, view: SliceView | None) -> None:
    if view is None:
        return
    setting = frame.setting(request)
    figure = slices(view, setting, dark=controls.is_dark())
    alt = "Two maps of the same plane through input space, model A's regions of classes beside model B's."
    code = snippet(shell.url(request))
    sentences, numbers = told(view, setting, dict(request.show)), partial(table, view, setting)
    present(figure, request, "slices", sentences, numbers, code, alt, wide=True)
