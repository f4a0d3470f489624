"""The view "study": what was published of loss landscapes, held against models trained for it."""

import streamlit as st

from explorer.core.results import Claim, Study
from explorer.core.types import Data
from explorer.core.words import minus
from explorer.figures.claims import made, snippet, table, verdict
from explorer.figures.published import published
from explorer.models.zoo import studied, zoo_names
from explorer.ui import controls, shell, state
from explorer.ui.landscape import frame
from explorer.work.landscape.study import NAME, gather
from explorer.work.request import Request, default

TITLE = "Published claims"
ALONE = True  # hangs on neither the data set nor the models at the left
ICONS = {True: ":material/check_circle:", False: ":material/cancel:", None: ":material/help:"}
PAIRS = {
    "PAS (A) against the constant budget (B), at eps 0.4": ("mnist-pas-400-0", "mnist-pgd-400-0"),
    "No attack in training (A) against PAS at eps 0.4 (B)": ("mnist-standard-study-0", "mnist-pas-400-0"),
}


def draw(request: Request, _data: Data | None) -> None:
    """Draw the study's figures, and each claim with its verdict."""
    st.caption(
        "This view does not depend on the data set, the models and the budget chosen at the left: it shows models "
        "that were trained on MNIST to be compared, as their cards have them."
    )
    found = gather(request, {})
    alt = (
        "Small panels against the training budget: the largest eigenvalue, the gradient's length, the cosine of "
        "perturbations and the robust accuracy, a symbol for each way to train with its interval over seeds; below, "
        "the loss and the largest eigenvalue during training, of the growing budget and of the constant one."
    )
    figure, code = published(found, dark=controls.is_dark()), snippet(shell.url(request))
    frame.beside(figure, request, "study", [made(found)], lambda: table(found), code, alt, under=lambda: _claims(found))
    _links()


def _claims(found: Study) -> None:
    """Draw a box for each claim."""
    for claim in found.claims:
        _claim(claim)


def _claim(claim: Claim) -> None:
    with st.container(border=True):
        st.markdown(f"**{state.markdown_free(claim.says)}**")
        st.markdown(f"{ICONS[claim.holds]} **{verdict(claim)}.** {state.markdown_free(minus(claim.found))}")
        st.caption(f"What was reported: {state.markdown_free(claim.paper)}")


def _links() -> None:
    """Lead to two of the models on the view of their surfaces, where their data set has a page."""
    if not zoo_names("mnist"):
        return
    there = studied(NAME)
    with st.container(horizontal=True):
        for words, (a, b) in PAIRS.items():
            if a in there and b in there:
                address = shell.url(default("mnist", page="landscape").with_(a=a, b=b))
                st.link_button(f"{words}: as surfaces", address, icon=":material/landscape:")
    st.caption("Two of these models on the view of the weights: it needs MNIST, which is downloaded if it is not here.")
