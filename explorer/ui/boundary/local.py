"""The view "local": which way the boundary faces near many pictures, and how it and the loss bend there."""

import streamlit as st

from explorer.core.results import Locality
from explorer.core.types import Data
from explorer.core.words import minus
from explorer.figures.locality import locality
from explorer.figures.nearness import counted, follows, snippet, table
from explorer.ui import controls, shell, state
from explorer.ui.boundary import frame
from explorer.ui.gathering import gathered
from explorer.work.boundary.local import MOST, NEARBY, bounded, facet, gather, pieces
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Local geometry"
FACETS = {
    "summary": "all numbers",
    "cosines": "which way it faces",
    "spectrum": "in how many directions",
    "curvature": "how it bends",
    "linearity": "how linear the loss is",
}
ALT = {
    "summary": "Rows of numbers",
    "cosines": "Two square maps of the cosines between all pairs of normals, and rows of their means",
    "spectrum": "Curves of singular values and of the share that they hold, and rows of numbers",
    "curvature": "A mark for each picture, the boundary's distance across, its curvature up, and rows of means",
    "linearity": "A mark for each picture, the gradient's length across, how it turns up, and rows of means",
}
UNBOUNDED = "How linear the loss is, is measured within a budget above 0 in ℓ∞, ℓ2 or ℓ1: choose one at the left."


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, the chosen facet as far as it is there, and what is to be known of it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("facet", "Show", request, FACETS, "show", width=240)
        with st.popover("Settings", help="How many pictures, and the seed"):
            controls.knobs("show", "boundary", {"pictures": PAGES["boundary"].show["pictures"]}, dict(request.show))
            controls.seed(request)
    if int(dict(request.show)["pictures"]) > MOST:
        st.info(f"Of pairs of pictures there are too many: the first {MOST:,} are looked at.", icon=":material/info:")
    if not bounded(request) and facet(request) in ("summary", "linearity"):
        st.info(UNBOUNDED, icon=":material/info:")
    parts = pieces(request)
    frame.cost(request, "local", [part for part in parts if part.page == NEARBY])
    gathered(parts, lambda found: _show(request, gather(request, found)))


def _show(request: Request, result: Locality | None) -> None:
    if result is None:
        return
    if 0 < len(result.near) < len(result.y):
        st.caption(f"Compared with each other so far: the first {len(result.near):,} of {len(result.y):,} pictures.")
    what, setting, show = facet(request), frame.setting(request), dict(request.show)
    figure = locality(result, setting, what, dark=controls.is_dark())
    alt = f"{ALT[what]}: model A ({setting.names[0]}) and model B ({setting.names[1]})."
    sentences, numbers = follows(result, setting, show), counted(result, setting, show)
    code = snippet(shell.url(request))
    frame.beside(
        figure,
        request,
        f"local-{what}",
        sentences or numbers,
        lambda: table(result, show),
        code,
        alt,
        wide=True,
    )
    if sentences:
        with st.expander("The numbers in words, each with its n and interval", icon=":material/format_list_numbered:"):
            for sentence in numbers:
                st.markdown(state.markdown_free(minus(sentence)))
