"""Two trainings beside each other: chosen, started, drawn as they go on, kept."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from explorer.core.assets import assets
from explorer.core.errors import UserError
from explorer.core.norms import SYMBOLS
from explorer.core.results import Pair
from explorer.core.types import Data
from explorer.data import DATA
from explorer.figures.courses import Line, courses
from explorer.figures.setting import Setting, budget_text
from explorer.figures.trained import lines, snippet, table, told
from explorer.models.zoo import called, card, history
from explorer.training import RECIPES
from explorer.ui import controls, shell, state
from explorer.ui.gathering import Found, gathered, goes_on
from explorer.ui.present import present
from explorer.ui.training.taking import takings
from explorer.ui.training.under import under_attack
from explorer.work.engine import shared_engine
from explorer.work.pages import PAGES
from explorer.work.request import Request, unit_of
from explorer.work.training.live import gather, pieces, trains
from explorer.work.training.stretches import trainings

STARTED = "_training_started"  # in a session: the keys of what its person has started last, none at first
NETWORK = ("architecture", "width", "depth")
PLAN = ("epochs", "rate", "optimizer", "train_pictures")
TITLES = {entry.name: entry.title for entry in RECIPES.values()}


def draw(request: Request, data: Data) -> None:
    """Draw the choices, and the trainings as they go on; before any is started, how the zoo's models came to be."""
    if not trains(request.data):
        st.info(
            f"Training a network on {request.data} takes a GPU and its time: `explorer train {request.data}-pgd` does "
            "it on the command line. Below: how the two models that come with the product were trained.",
            icon=":material/info:",
        )
        _before(request, data)
        return
    _choices(request)
    try:
        parts = pieces(request)
    except UserError as error:
        st.info(state.markdown_free(str(error)), icon=":material/info:")
        return
    keys = tuple(part.key for part in parts)
    store = shared_engine().store
    there = sum(store.get(key) is not None for key in keys)
    if STARTED not in st.session_state:  # a page that is loaded anew goes on by itself
        _start(keys if goes_on(keys) else ())
    if there < len(parts) and st.session_state.get(STARTED) != keys:
        words = "Go on with this training" if there else "Start training"
        st.button(words, key="start", type="primary", on_click=partial(_start, keys), icon=":material/play_arrow:")
        if not there:
            _before(request, data)
            return
        _show(request, data, gather(request, {part: store.get(part.key) for part in parts}))
        return
    shown: list[bool] = []

    def show(found: Found) -> None:
        shown.append(True)
        _show(request, data, gather(request, found))

    gathered(parts, show)
    if not shown:
        _before(request, data)


def _start(keys: tuple[str, ...]) -> None:
    st.session_state[STARTED] = keys


def _choices(request: Request) -> None:
    asked, known = dict(request.choices), PAGES[request.page].choices
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.picked("recipe", "Left: trained by", request, TITLES, width=330)
        controls.picked("recipe_b", "Right: trained by", request, TITLES, width=330)
        with st.popover("Settings", help="The network, the plan, the recipes' own knobs and the seed"):
            st.caption("0 stands for what suits the data set.")
            controls.knobs("choices", "training", {name: known[name] for name in (*NETWORK, *PLAN)}, asked)
            for recipe in dict.fromkeys((str(asked["recipe"]), str(asked["recipe_b"]))):
                entry = RECIPES[recipe]
                if entry.knobs:
                    st.markdown(f"**{entry.title}**")
                    own = {f"train_{recipe}_{name}": known[f"train_{recipe}_{name}"] for name in entry.knobs}
                    controls.knobs("choices", "training", own, asked)
            controls.seed(request)
    for recipe in dict.fromkeys((str(asked["recipe"]), str(asked["recipe_b"]))):
        entry = RECIPES[recipe]
        st.caption(
            state.markdown_free(f"{entry.title}. {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
        )


def _before(request: Request, data: Data) -> None:
    """Draw how models A and B of the zoo were trained, from their recorded histories."""
    names = (request.a, request.b)
    two = [_recorded(name) for name in names]
    if any(two):
        spoken = " and ".join(_name(name) for name, line in zip(names, two, strict=True) if line)
        st.caption(
            f"Until yours are there: how {state.markdown_free(spoken)} came to be, as recorded when that was done."
        )
        _draw(request, data, two)


def _recorded(name: str) -> Line | None:
    found, rows = card(name), history(name)
    if not rows:
        return None
    columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    facts, (norm, eps) = DATA[found["data"]].facts, (found["threat"][key] for key in ("norm", "eps"))
    watched = min(found["plan"]["watch"], facts["sizes"]["test"])
    budget = budget_text(round(eps * unit_of(found["data"], norm)), norm, facts["unit"])
    return Line(
        f"{_name(name)}: {RECIPES[found['recipe']].title}", columns, len(rows), watched, float(found["seconds"]),
        allowed=f"{budget} in {SYMBOLS[norm]}",
    )  # fmt: skip


def _name(name: str) -> str:
    return called([name]).get(name, name)


def _show(request: Request, data: Data, found: Pair | None) -> None:
    if found is None:
        return
    _draw(request, data, lines(found, TITLES))
    under_attack(request, found)
    takings(request, trainings(request), found)


def _draw(request: Request, data: Data, two: Sequence[Line | None]) -> None:
    facts = DATA[request.data].facts
    setting = Setting(facts["classes"], ("", ""), request.norm, request.eps, facts["unit"])
    points = (data.x.numpy(), data.y.numpy()) if data.x.ndim == 2 else None
    figure = courses(two, setting, points=points, dark=controls.is_dark())
    planes = any(line.planes for line in two if line)
    alt = (
        "Two trainings, left and right: accuracy against the epoch on clean pictures and under attack, training dashed "
        "and test solid, and below the loss." + (" Above, how each model divides the plane." if planes else "")
    )
    code = snippet(shell.url(request))
    present(figure, request, "live", told(two, setting), lambda: table(two), code, alt, wide=True)
    with st.expander("How to read this, and what not to conclude", icon=":material/menu_book:", expanded=True):
        st.markdown((assets() / "lessons" / "training-live.md").read_text())
