"""The view "slices": one plane through input space as model A and model B see it."""

from functools import partial

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.results import SliceView
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.geometry import told
from explorer.figures.relief import relief
from explorer.figures.slices import slices
from explorer.figures.slicing import snippet, table
from explorer.figures.style import config
from explorer.ui import controls, shell
from explorer.ui.boundary import frame
from explorer.ui.chooser import chooser
from explorer.ui.gathering import gathered
from explorer.ui.present import present
from explorer.work.boundary.slices import gather, pieces
from explorer.work.choices import LAYERS
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Slices"
PLANES = {
    "attacks": "attack on A × attack on B",
    "random": "attack × a random way",
    "gradients": "gradient × where it turns",
    "frequencies": "low × high frequency",
    "pictures": "three pictures",
}
WHOSE = {"a": "A", "b": "B"}
GRIDS = {
    "adaptive": "adaptive: where the answer may change",
    "dense": "dense: everywhere",
    "coarse": "a first look",
    "folds": "a first look, and where units switch",
}


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the plane: a coarse look, then the chosen one."""
    pictures = len(DATA[request.data].facts["shape"]) == 3
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if pictures:
            _plane(request)
        chooser(request)
        classes = DATA[request.data].facts["classes"]
        controls.choose("target", "Make it a …", request, ("", *classes), {"": "any wrong class"}, width=170)
        with st.popover("Layers", help="What is drawn, one over the other"):
            for name in (*LAYERS, "folds", "surface"):
                controls.shown(name, request)
            controls.knobs("show", "boundary", {"near": PAGES["boundary"].show["near"]}, dict(request.show))
        with st.popover("Settings", help="How far and how finely the plane is looked at; the attack's knobs; the seed"):
            _settings(request, pictures)
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _plane(request: Request) -> None:
    """Draw the choice of the plane, and what it alone needs, in the present row."""
    plane = dict(request.choices)["plane"]
    controls.picked("plane", "Plane", request, PLANES, width=230)
    if plane in ("random", "gradients"):
        controls.picked("of", "Of model", request, WHOSE, width=90)
    if plane == "pictures":
        last = DATA[request.data].facts["sizes"]["test"] - 1
        controls.whole("picture2", "Second picture", request, last, width=130)
        controls.whole("picture3", "Third picture", request, last, width=130)
    if plane == "frequencies":
        controls.whole("low", "Low, in %", request, width=130)
        controls.whole("high", "High, in %", request, width=130)


def _settings(request: Request, pictures: bool) -> None:
    values = dict(request.choices)
    if pictures and values["plane"] != "pictures":
        controls.knobs("choices", "boundary", {"reach": PAGES["boundary"].choices["reach"]}, values)
    controls.picked("grid", "Grid", request, GRIDS, help="Where the models are asked: of 201 × 201 places")
    entry = ATTACKS[request.attack]
    st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
    controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
    controls.seed(request)


def _show(request: Request, view: SliceView | None) -> None:
    if view is None:
        return
    setting, show, dark = frame.setting(request), dict(request.show), controls.is_dark()
    alt = "Two maps of the same plane through input space, model A's regions of classes beside model B's."
    sentences, code = told(view, setting, show), snippet(shell.url(request))
    figure = slices(view, setting, show, dark=dark)
    present(figure, request, "slices", sentences, partial(table, view, setting), code, alt, wide=True)
    if show["surface"]:
        st.markdown(
            "**The margin as a surface.** Height is the lead of the class that the model names over the next; where "
            "the surface comes down to the floor, the answer changes. Drag to turn it."
        )
        alt = "The margin of both models as a surface over the plane, down to the floor at each boundary."
        surface = relief(view, setting, show, dark=dark)
        st.plotly_chart(surface, theme=None, key="relief", config=config("margin"), alt=alt)
