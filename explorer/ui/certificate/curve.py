"""The view "curve": how many pictures are proved safe as the budget grows, and how many stand under attack."""

from collections.abc import Mapping

import streamlit as st

from explorer.core.results import Proofs
from explorer.core.types import Data
from explorer.figures.certified import certified, errors
from explorer.figures.certifying import snippet, told
from explorer.figures.methods import Method
from explorer.figures.ruled import table
from explorer.ui import controls, shell
from explorer.ui.certificate import frame
from explorer.ui.gathering import gathered
from explorer.ui.setting import own_setting
from explorer.work.certificate.curve import gather, pieces
from explorer.work.certificate.methods import refusal
from explorer.work.request import Request

TITLE = "Many pictures"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the curves as pictures arrive."""
    methods = frame.methods(request)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {name: method.title for name, method in methods.items()}
        controls.picked("proof", "Methods", request, {"all": "all of them"} | titles, width=230)
        controls.settings(request, "How many pictures, whether slow methods are asked too, and the seed", "n", "slow")
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, methods, gather(request, found)))


def _show(request: Request, methods: Mapping[str, Method], found: Proofs | None) -> None:
    if found is None:
        return
    setting, code = own_setting(request), snippet(shell.url(request))
    figure = certified(found, setting, methods, dark=controls.is_dark())
    alt = (
        "Curves against the budget, model A left and model B right: the share of pictures proved safe by each method "
        "and by any, the share that stands under attack, and hatched the gap between."
    )
    frame.beside(
        figure,
        request,
        "curve",
        told(found, setting, methods),
        lambda: table(found, setting, methods),
        code,
        alt,
        under=lambda: _errors(found, request, methods),
    )


def _errors(found: Proofs, request: Request, methods: Mapping[str, Method]) -> None:
    """Draw the table of errors at the budget."""
    setting = own_setting(request)
    st.markdown(f"**Errors at {setting.eps_text} in {setting.symbol}**, with 95 % Wilson intervals")
    st.dataframe(errors(found, setting, methods), hide_index=True)
