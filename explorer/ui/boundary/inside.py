"""The view "inside": what is wrong in balls around pictures, beside what the attack finds there."""

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.results import Insides
from explorer.core.types import Data
from explorer.figures.inside import inside
from explorer.figures.surroundings import snippet, table, told
from explorer.ui import controls, shell
from explorer.ui.boundary import frame
from explorer.ui.chooser import chooser
from explorer.ui.gathering import gathered
from explorer.work.boundary.inside import gather, pieces, refusal
from explorer.work.request import Request

TITLE = "The budget's inside"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the shares as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.over(request)
        chooser(request)
        entry = ATTACKS[request.attack]
        with frame.settings(request, "each", "points"):
            st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
            controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, result: Insides | None) -> None:
    if result is None:
        return
    setting, show, code = frame.setting(request), dict(request.show), snippet(shell.url(request))
    figure = inside(result, setting, show, dark=controls.is_dark())
    alt = (
        "Curves against the radius of a ball: the share of pictures that the attack breaks within it, and the share of "
        "points drawn from it that are wrong, for both models."
    )
    frame.beside(figure, request, "inside", told(result, setting, show), lambda: table(result), code, alt)
