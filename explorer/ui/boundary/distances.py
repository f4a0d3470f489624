"""The view "distances": how far the boundary is along kinds of direction, from one picture or many."""

import streamlit as st

from explorer.core.results import Reaches
from explorer.core.types import Data
from explorer.figures.distances import distances
from explorer.figures.reaching import snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.boundary import frame
from explorer.ui.gathering import gathered
from explorer.work.boundary.distances import gather, pieces
from explorer.work.boundary.usual import many
from explorer.work.request import Request
from explorer.work.sample import Sample

TITLE = "Distances"
LENGTH = {"l2": "ℓ2", "linf": "ℓ∞"}
TAKEN = {"median": "median way", "shortest": "shortest way"}


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the distances as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.over(request)
        controls.picked("length", "Measured in", request, LENGTH, "show", width=130)
        if many(request):
            controls.picked("taken", "Of a picture's ways", request, TAKEN, "show", width=170)
        frame.settings(request, "draws", "lines")
    parts = pieces(request)
    if many(request):
        frame.cost(request, "distances", [part for part in parts if isinstance(part, Sample)])
    gathered(parts, lambda found: _show(request, gather(request, found)))


def _show(request: Request, result: Reaches | None) -> None:
    if result is None:
        return
    setting, show, code = frame.setting(request), dict(request.show), snippet(shell.url(request))
    figure = distances(result, setting, show, dark=controls.is_dark())
    alt = (
        "A row for each kind of direction, with the distances to the boundary of both models; below, how many times as "
        "far as the attack random lines go."
    )
    frame.beside(figure, request, "distances", told(result, setting, show), lambda: table(result), code, alt)
