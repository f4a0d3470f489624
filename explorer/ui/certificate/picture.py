"""The view "picture": one picture on a ruler, proved, broken, and what nobody knows between."""

from collections.abc import Mapping

import streamlit as st

from explorer.certificates import CERTIFICATES
from explorer.core.assets import assets
from explorer.core.results import Proofs
from explorer.core.types import Data
from explorer.figures.methods import Method
from explorer.figures.ruled import snippet, table, told
from explorer.figures.ruler import ruler
from explorer.ui import controls, shell, state
from explorer.ui.certificate import frame
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.methods import BROKEN, refusal
from explorer.work.certificate.picture import gather, pieces
from explorer.work.request import Request

TITLE = "One picture"
CHART = "wide_picture"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the ruler as the methods answer."""
    methods = frame.methods(request)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {name: method.title for name, method in methods.items()}
        controls.picked("proof", "Methods", request, {"all": "all of them"} | titles, width=230)
        controls.settings(request, "The seed of what is random: the attack, and smoothing")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, methods, gather(request, found)))


def _show(request: Request, methods: Mapping[str, Method], found: Proofs | None) -> None:
    if found is None:
        return
    setting, chosen, code = own_setting(request), _chosen(request, methods), snippet(shell.url(request))
    figure = ruler(found, setting, methods, chosen, dark=controls.is_dark())
    alt = (
        "Two rulers on one scale, model A left and model B right, a row for each method: how far the picture is proved "
        "safe, where an attack breaks it, and hatched what lies between."
    )
    frame.beside(
        figure,
        request,
        "picture",
        told(found, setting, methods),
        lambda: table(found, setting, methods),
        code,
        alt,
        under=lambda: _method(request, methods, chosen),
        on_select=_clicked,
        selection_mode="points",
    )


def _chosen(request: Request, methods: Mapping[str, Method]) -> str:
    """Return the method that is explained: the chosen one, or the first that proves where the norm has not that."""
    bound = str(dict(request.show)["bound"])
    return bound if bound in methods else next(name for name in methods if name != BROKEN)


def _clicked() -> None:
    """Explain the method whose row was clicked."""
    picked = st.session_state[CHART]["selection"]["points"]
    names = [point["customdata"] for point in picked if "customdata" in point]
    name = names[0][0] if names and isinstance(names[0], list) else names[0] if names else ""
    if name:
        values = dict(state.current().show) | {"bound": name}
        state.take("show", tuple(sorted(values.items())))


def _method(request: Request, methods: Mapping[str, Method], chosen: str) -> None:
    """Draw the choice of a method, what its answer rests on, and its formula."""
    with st.container(border=True):
        titles = {name: method.title for name, method in methods.items()}
        controls.picked("bound", "What a row says (or click on its bar)", request, titles, "show", width=300)
        path = assets() / "lessons" / "bounds" / f"{chosen}.md"
        st.markdown(path.read_text() if path.exists() else CERTIFICATES[chosen].summary)
        if chosen != BROKEN and CERTIFICATES[chosen].paper:
            st.caption(f"Source: {CERTIFICATES[chosen].paper}")
