"""The view "surface": both models' loss over a plane through the weights of each, coarse first."""

import streamlit as st

from explorer.core.results import Surfaces
from explorer.core.types import Data
from explorer.figures.surface import contours, heights
from explorer.figures.terrain import snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.gathering import gathered
from explorer.ui.landscape import frame
from explorer.ui.setting import own_setting
from explorer.work.landscape.surface import gather, kind, pieces, refusal
from explorer.work.request import Request

TITLE = "Weights"
LOSSES = {
    "clean": "clean pictures",
    "kept": "under attack, perturbations kept",
    "anew": "under attack, made anew at each point",
}
MESHES = {"11": "11 × 11 points", "26": "26 × 26 points", "51": "51 × 51 points", "101": "101 × 101 points"}
HEIGHT = {"loss": "loss", "accuracy": "accuracy"}
WAYS = {
    "random": "two random directions",
    "gradient": "gradient × random",
    "hessian": "the two sharpest directions",
    "models": "towards the other model × random",
    "path": "along the training's path",
}
KNOBS = ("n", "reach", "climbs", "statistics")


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the surfaces as they arrive: a coarse mesh, then finer ones."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("loss", "Loss of", request, LOSSES, width=300)
        controls.picked("ways", "Weights move along", request, WAYS, width=270)
        controls.picked("height", "Height", request, HEIGHT, "show", width=130)
        controls.picked("mesh", "Mesh", request, MESHES, width=180)
        controls.shown("relief", request, "In 3-D")
        help = "How many pictures, how far, the attack's steps, batch norm, the seed, and what is drawn between points"
        controls.settings(request, help, *KNOBS, show=("between", "ceiling"))
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Surfaces | None) -> None:
    if found is None:
        return
    view, show = found.terrain, dict(request.show)
    if found.shown != kind(request):
        st.caption(f"On its way: {LOSSES[kind(request)]}. Until then: {LOSSES[found.shown]}.")
    if view.side < int(dict(request.choices)["mesh"]):
        st.caption(f"A first look: {view.side} × {view.side} points are there.")
    setting, what, code = own_setting(request), str(show["height"]), snippet(shell.url(request))
    drawn = heights if show["relief"] else contours
    figure = drawn(view, setting, what=what, ceiling=float(show["ceiling"]), dark=controls.is_dark())
    alt = (
        f"Two {'surfaces' if show['relief'] else 'maps'} on one scale, model A left and model B right: the {what} as "
        f"the weights move, across: {view.names['across']}, up: {view.names['up']}; the trained weights in the middle."
    )
    frame.beside(figure, request, "surface", told(found, setting, show), lambda: table(found, setting), code, alt)
