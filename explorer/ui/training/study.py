"""The views that show a study of trainings: its figure, its claims, what it is and is not."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.core.results import Experiment
from explorer.figures.experiments import made, snippet, table
from explorer.figures.hardened import hardened
from explorer.figures.listed import listed
from explorer.figures.overfitted import overfitted
from explorer.figures.pathed import pathed
from explorer.figures.slowed import slowed
from explorer.figures.sparsed import sparsed
from explorer.models.zoo import card
from explorer.ui import controls, shell, state
from explorer.ui.claimed import claimed
from explorer.ui.present import present
from explorer.ui.training.further import FURTHER
from explorer.work.pages import PAGES as PAGE_NAMES
from explorer.work.request import Request, default, unit_of
from explorer.work.study.experiments import STUDIES, experiment


class Seen(NamedTuple):
    """How a study is shown: what its view is called, what draws it, and what that shows in words."""

    title: str
    figure: Callable[..., go.Figure]
    alt: str


PAGES = ("attack", "saliency", "boundary", "landscape")  # that a study's models are looked at on
SEEN = {
    "slow": Seen(
        "Slow convergence",
        slowed,
        "Rows of panels over the epochs, constant budgets left and growing ones right, a line for each budget: loss in "
        "training, accuracy under attack, the gradient's length, and how far training pictures are ahead.",
    ),
    "hard": Seen(
        "Hard instances",
        hardened,
        "Panels: accuracy under attack of models trained on easy, hard and any pictures, over the epochs, on test "
        "pictures and on their own; the loss of tenths of the pictures by difficulty; difficulty on two networks; a "
        "Lipschitz bound over the epochs beside the error under attack; the mitigations over the epochs; and accuracy "
        "under PGD-20 in the end.",
    ),
    "overfitting": Seen(
        "Catastrophic overfitting",
        overfitted,
        "Panels: accuracy after one step and under ten against the epoch, a line for each kind of training; the latter "
        "against the time it took; the loss along one step before and after the collapse; the accuracy under PGD-20 in "
        "the end with intervals; each picture's step against its gradient.",
    ),
    "path_norm": Seen(
        "Path norm",
        pathed,
        "Panels with a symbol for each kind of training: accuracy on clean pictures, under PGD-20, certified shares, "
        "weights that are exactly 0; a line for each kind: certified against the budget, and the path norm "
        "over the epochs.",
    ),
    "sparse": Seen(
        "Sparse and binary",
        sparsed,
        "Panels with a symbol for each kind of network: accuracy under PGD-20 against the share of weights; what is "
        "kept of each layer; channels without a weight against a random choice; accuracy against bits.",
    ),
    "recipes": Seen(
        "Recipes compared",
        listed,
        "A panel for each data set, a row for each recipe: accuracy on clean pictures, after one step, under PGD-20, "
        "and under the cascade of Auto-PGD, with intervals.",
    ),
}


def draw(request: Request, name: str) -> None:
    """Draw a study: finished figures, read from its records."""
    st.caption(
        "This view does not depend on what is chosen at the left: it shows models that were trained to be compared, as "
        "was recorded of them."
    )
    found: Experiment = experiment(name)
    seen = SEEN[name]
    present(
        seen.figure(found, dark=controls.is_dark()), request, name, [made(found)], lambda: table(found),
        snippet(shell.url(request)), seen.alt, wide=True, under=partial(claimed, found.claims),
    )  # fmt: skip
    _links(STUDIES[name].PAIR)
    if name in FURTHER:
        FURTHER[name](found)
    with st.expander("How to read this, and what not to conclude", icon=":material/menu_book:", expanded=True):
        st.markdown((assets() / "lessons" / f"training-{name}.md").read_text())


def _links(pair: tuple[str, str]) -> None:
    """Lead to two of the study's models on other pages, at the budget that they were trained for."""
    a, b = pair
    data, threat = card(a)["data"], card(b)["threat"]
    eps = round(threat["eps"] * unit_of(data, threat["norm"]))
    with st.container(horizontal=True):
        for page in PAGES:
            address = shell.url(default(data, page=page).with_(a=a, b=b, eps=eps))
            st.link_button(PAGE_NAMES[page].title, address, icon=f":material/{shell.ICONS[page]}:")
    titles = (state.markdown_free(f"{card(name)['title']} ({name})") for name in pair)
    st.caption(
        f"Two of these models on other pages, at their budget: A is {next(titles)}, B {next(titles)}. Their data set "
        "is downloaded if it is not here."
    )
