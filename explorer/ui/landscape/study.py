"""The view "study": what was published of loss landscapes, held against models trained for it."""

from functools import partial

import streamlit as st

from explorer.core.types import Data
from explorer.figures.claims import made, snippet, table
from explorer.figures.published import published
from explorer.models.zoo import studied, zoo_names
from explorer.ui import controls, shell
from explorer.ui.claimed import claimed
from explorer.ui.landscape import frame
from explorer.work.landscape.study import NAME, gather
from explorer.work.request import Request, default

TITLE = "Published claims"
ALONE = True  # hangs on neither the data set nor the models at the left
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
    boxes = partial(claimed, found.claims)
    frame.beside(figure, request, "study", [made(found)], lambda: table(found), code, alt, under=boxes)
    _links()


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
