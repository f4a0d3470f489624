"""The view "study": what was published of loss landscapes, held against models trained for it."""

from functools import partial

import streamlit as st

from explorer.core.results import Study
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.claims import made, snippet, table
from explorer.figures.published import published
from explorer.models.zoo import card, studied, zoo_names
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
    "PAS (A) against the constant budget (B), at eps 8/255": ("cifar10-pas-8-0", "cifar10-pgd-8-0"),
}


def draw(request: Request, _data: Data | None) -> None:
    """Draw the study's figures, and each claim with its verdict."""
    st.caption(
        "This view does not depend on the data set, the models and the budget chosen at the left: it shows models "
        "that were trained on MNIST and on CIFAR-10 to be compared, as their cards have them."
    )
    found = gather(request, {})
    alt = (
        "Small panels against the training budget: the largest eigenvalue, the gradient's length, the cosine of "
        "perturbations and the robust accuracy, a symbol for each way to train with its interval over seeds, MNIST at "
        "the left and CIFAR-10 at the right; below, against the learning rate, MNIST's robust accuracy and loss at one "
        "budget; then the loss and the largest eigenvalue during training, of the growing budget and of the constant "
        "one."
    )
    figure, code = published(found, dark=controls.is_dark()), snippet(shell.url(request))
    boxes = partial(_claims, found)
    frame.beside(figure, request, "study", [made(found)], lambda: table(found), code, alt, under=boxes)
    _links()


def _claims(found: Study) -> None:
    """Draw a box for each claim, those of each data set under its name."""
    for data in dict.fromkeys(claim.on for claim in found.claims):
        st.markdown(f"#### On {DATA[data].title}")
        claimed([claim for claim in found.claims if claim.on == data])


def _links() -> None:
    """Lead to two of the models on the view of their surfaces, where their data set has a page."""
    there = studied(NAME)
    pairs = {words: pair for words, pair in PAIRS.items() if all(one in there for one in pair)}
    with st.container(horizontal=True):
        for words, (a, b) in pairs.items():
            if zoo_names(data := card(a)["data"]):
                address = shell.url(default(data, page="landscape").with_(a=a, b=b))
                st.link_button(f"{words}: as surfaces", address, icon=":material/landscape:")
    st.caption("Two of these models on the view of the weights: their data set is downloaded if it is not here.")
