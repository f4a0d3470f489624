"""What some studies have beside their figure and claims."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from explorer.core.results import Experiment
from explorer.data import load_data
from explorer.figures.experiments import cell
from explorer.figures.lineared import lineared, told
from explorer.figures.listed import name_of
from explorer.figures.strips import Mark, Strip, strips
from explorer.ui import controls, state
from explorer.work.study.linear import linear

SHOWN = 10  # pictures in a row of the gallery


def linear_model(_found: Experiment) -> None:
    """Draw the linear model, of which all can be said exactly."""
    st.markdown("**Exactly so: a linear model in two dimensions.** Move the slider: the budget grows.")
    found = linear()
    words = told(found)
    alt = "Points of two classes with the directions in which a first step helps; the least loss against the budget."
    config = {"displayModeBar": False}
    figure = lineared(found, dark=controls.is_dark())
    st.plotly_chart(figure, theme=None, key="linear", config=config, alt=f"{alt} {words}")
    st.markdown(state.markdown_free(words))


def gallery(found: Experiment) -> None:
    """Draw the hardest and the easiest training pictures of one training, with their labels."""
    one = found.of("source")
    data, order = load_data(one.settings["data"], "train"), np.argsort(one.looked[0]["difficulty"], kind="stable")
    rows = []
    for words, places in (("The hardest training pictures", order[:SHOWN]), ("The easiest", order[::-1][:SHOWN])):
        pictures = zip(data.x[places.copy()].numpy(), data.y[places.copy()].tolist(), strict=True)
        rows.append(Strip(words, [Mark(x, below=data.classes[y], hover=data.classes[y]) for x, y in pictures]))
    figure = strips(rows, dark=controls.is_dark())
    alt = f"Two rows of {SHOWN} training pictures with their labels: the hardest, and the easiest."
    st.plotly_chart(figure, theme=None, key="gallery", config={"displayModeBar": False}, alt=alt)
    st.caption("By the mean loss under attack of one training of one seed; below each picture its label.")


def every_number(found: Experiment) -> None:
    """Draw the table of all figures, each with its interval."""
    rows = [
        {"data": one.settings["data"], "recipe": name_of(one)}
        | {words: cell(one, key) for key, words in found.units.items()}
        | {"n": len(one.seeds)}
        for one in found.trials
    ]
    st.dataframe(rows, hide_index=True, height="content", key="recipes")
    st.caption("Means over seeds with their 95 % intervals; n is the number of seeds.")


FURTHER: dict[str, Callable[[Experiment], None]] = {"slow": linear_model, "hard": gallery, "recipes": every_number}
"""By the study's name."""
