"""The pictures behind a bar or a point, each a way to the Attack page."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import streamlit as st

from explorer.core.results import Array, Evaluation
from explorer.core.types import Data
from explorer.figures.images import point_thumbnail, thumbnail, uri
from explorer.figures.radii import bins, names
from explorer.figures.setting import Setting
from explorer.ui import controls, state
from explorer.ui.shell import url
from explorer.work.request import Request

SHOWN = 24
WIDTH, SIDE = 70, 66  # px: of a picture's place, and of the picture
Way = tuple[float, ...]  # what a point or a bar is known by: its model's place, then what the figure says of it


def ways(view: str, evaluation: Evaluation, setting: Setting) -> list[Way]:
    """Return the points or bars of a view's figure that may have pictures behind them."""
    classes = range(len(setting.classes))
    of: dict[str, list[Way]] = {
        "curve": [(setting.budget,)] if setting.limits else [(float(eps),) for eps in evaluation.budgets],
        "distances": [(i,) for i in range(len(evaluation.budgets) + 2)],
        "classes": [(c,) for c in classes],
        "confusion": list(product((0, 1), classes, classes)),
    }
    return [(i, *rest) for i in range(len(evaluation.models)) for rest in of[view]]


def picked(view: str, given: Way, evaluation: Evaluation, setting: Setting) -> tuple[str, str, Array]:
    """Return what a point or a bar stands for: its model, words, and the pictures' places in the test set."""
    name, judged = list(evaluation.models.items())[int(given[0])]
    if view == "curve":
        eps = float(given[1])
        chosen, words = (
            judged.standing(0) & ~judged.standing(eps),
            f"fall within {setting.limits if setting.limits and eps else setting.length(eps)}",
        )
    elif view == "distances":
        chosen = bins(judged.radius, evaluation.budgets) == int(given[1])
        words = f"are in the bar '{names(evaluation.budgets, setting)[int(given[1])]}'"
    elif view == "classes":
        chosen = (judged.labels == int(given[1])) & judged.standing(0) & ~judged.standing(setting.budget)
        true, reach = setting.classes[int(given[1])], setting.limits or "the chosen budget"
        words = f"are of class '{true}' and fall within {reach}"
    else:
        said = (judged.clean, judged.adversarial)[int(given[1])]
        chosen = (judged.labels == int(given[2])) & (said == int(given[3]))
        true, answer = (setting.classes[int(c)] for c in given[2:4])
        words = f"are of class '{true}' and called '{answer}' {('clean', 'under attack')[int(given[1])]}"
    return name, words, judged.start + np.flatnonzero(chosen)


def click(view: str, chart: str, key: str) -> None:
    """Take in what was clicked in the chart of a key, or that nothing is any more."""
    points = st.session_state[chart].selection.points
    st.session_state[key] = _way(view, points[0]["customdata"]) if points else None


def behind(key: str, view: str, request: Request, data: Data, evaluation: Evaluation, setting: Setting) -> None:
    """Draw the way to the pictures that needs no pointer, and those of what was chosen there or clicked."""
    find = partial(picked, view, evaluation=evaluation, setting=setting)
    chosen = st.session_state.get(key)
    offered = [way for way in ways(view, evaluation, setting) if way == chosen or len(find(way)[2])]
    if chosen is not None and chosen not in offered:  # of a search's curve any point can be clicked
        offered.append(chosen)
    chosen = st.selectbox(
        "The pictures behind a point or a bar: click on it, or choose it here",
        offered,
        index=None,
        format_func=lambda way: "{}: pictures that {}".format(*find(way)),
        placeholder="none chosen",
        key=key,
        help="A picture leads to the Attack page.",
        width=560,
    )
    if chosen is not None:
        name, words, places = find(chosen)
        pictures(request, data, f"{name}, pictures that {words}: {len(places)}.", places)


def _way(view: str, given: list[Any]) -> Way:
    return tuple(given[: 4 if view == "confusion" else 2])


def pictures(
    request: Request, data: Data, words: str, places: Array, below: Callable[[int], None] = lambda i: None
) -> None:
    """Draw the first of some pictures; each leads to the same attack on it. What is `below` one stands there."""
    st.markdown(state.markdown_free(words) + (f" The first {SHOWN}:" if len(places) > SHOWN else ""))
    with st.container(horizontal=True, gap="xsmall"):
        for i in places[:SHOWN].tolist():
            link = url(request.on("attack").with_(index=i, upload="", label=""))
            name = data.classes[int(data.y[i])]
            with st.container(width=WIDTH, gap="xsmall"):
                st.image(_png(data, i), link=link, alt=f"Picture {i}, {name}: open it on the Attack page", width=SIDE)
                st.markdown(f"[{i}: {name}]({link})")
                below(i)


def _png(data: Data, i: int) -> str:
    if data.x.ndim == 2:
        return uri(point_thumbnail(data.x.numpy(), data.y.numpy(), i, dark=controls.is_dark()))
    return uri(thumbnail(data.x[i].numpy()))
