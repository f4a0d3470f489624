"""The view "drawn": what each model's features are, as pictures that it draws."""

import streamlit as st

from explorer.core.assets import assets
from explorer.core.results import Drawings, Versions
from explorer.core.types import Data
from explorer.figures.drawings import drawings
from explorer.figures.drawn import snippet, table
from explorer.figures.saliency import told
from explorer.figures.versions import versions
from explorer.ui import controls, panels, shell
from explorer.ui.present import present
from explorer.ui.saliency import frame
from explorer.work.drawn import UNUSED, gather, pieces
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Drawings"
DRAW = {
    "classes": "each class",
    "units": "units of the representation",
    "inversion": "the picture from its representation",
    "versions": "its robust and non-robust version",
}
START = {
    "average": "the average of all pictures",
    "picture": "this picture",
    "noise": "noise",
    "class": "the class's own Gaussian",
}
RELABEL = {"next": "the next class", "random": "a class drawn by the seed"}
SETTINGS = ("steps", "pace", "reach", "unit")


def draw(request: Request, data: Data) -> None:
    """Draw the controls, what both models draw, and what is to be known of it."""
    if data.x.ndim != 4:
        st.info("Drawings need pictures, and these are points of the plane: choose another data set.")
        return
    what = str(dict(request.choices)["draw"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("draw", "Draw", request, DRAW, width=290)
        if "start" not in UNUSED[what]:
            offered = {name: words for name, words in START.items() if what == "classes" or name != "class"}
            controls.picked("start", "Starting from", request, offered, width=240)
        if what == "versions":
            controls.picked("relabel", "Non-robust, labelled", request, RELABEL, width=230)
        with st.popover("Settings", help="Steps, budget and seed"):
            known = PAGES["saliency"].choices
            knobs = {name: known[name] for name in SETTINGS if name not in UNUSED[what]}
            controls.knobs("choices", "draw", knobs, dict(request.choices))
            controls.seed(request)
    (asked,) = pieces(request)
    result = panels.result_of(asked, shell.watcher())
    found = None if result is None else gather(request, {asked: result})
    if found is not None:
        _show(request, found)
    with st.expander("What is drawn here?", icon=":material/brush:"):
        st.markdown((assets() / "lessons" / f"drawn-{what}.md").read_text())


def _show(request: Request, found: Drawings | Versions) -> None:
    sight, dark = frame.sight(request), controls.is_dark()
    figure = versions(found, sight, dark=dark) if isinstance(found, Versions) else drawings(found, sight, dark=dark)
    alt = "Rows of small pictures: where drawings begin, and what model A and model B made of them."
    sentences, code = told(found, sight), snippet(shell.url(request))
    present(figure, request, "drawn", sentences, lambda: table(found, sight), code, alt, wide=True)
