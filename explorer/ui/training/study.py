"""The views that show a study of trainings: its figure, its claims, what it is and is not."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.core.results import Experiment
from explorer.figures.experiments import made, snippet, table
from explorer.figures.lineared import lineared, told
from explorer.figures.overfitted import overfitted
from explorer.figures.slowed import slowed
from explorer.ui import controls, shell, state
from explorer.ui.claimed import claimed
from explorer.ui.present import present
from explorer.work.request import Request
from explorer.work.study.experiments import experiment
from explorer.work.study.linear import linear


class Seen(NamedTuple):
    """How a study is shown: what its view is called, what draws it, and what that shows in words."""

    title: str
    figure: Callable[..., go.Figure]
    alt: str


SEEN = {
    "slow": Seen(
        "Slow convergence",
        slowed,
        "Rows of panels over the epochs, constant budgets left and growing ones right, a line for each budget: loss in "
        "training, accuracy under attack, the gradient's length, and how far training pictures are ahead.",
    ),
    "overfitting": Seen(
        "Catastrophic overfitting",
        overfitted,
        "Panels: accuracy after one step and under ten against the epoch, a line for each kind of training; the latter "
        "against the time it took; the loss along one step before and after the collapse; the accuracy under PGD-20 in "
        "the end with intervals; each picture's step against its gradient.",
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
    if name == "slow":
        _linear()
    with st.expander("How to read this, and what not to conclude", icon=":material/menu_book:", expanded=True):
        st.markdown((assets() / "lessons" / f"training-{name}.md").read_text())


def _linear() -> None:
    """Draw the linear model, of which all can be said exactly."""
    st.markdown("**Exactly so: a linear model in two dimensions.** Move the slider: the budget grows.")
    found = linear()
    words = told(found)
    alt = "Points of two classes with the directions in which a first step helps; the least loss against the budget."
    config = {"displayModeBar": False}
    with st.container(key="linear"):
        figure = lineared(found, dark=controls.is_dark())
        st.plotly_chart(figure, theme=None, key="wide_linear", config=config, alt=f"{alt} {words}")
    st.markdown(state.markdown_free(words))
