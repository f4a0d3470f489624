"""What the views of the Boundary page share: the words and units around a result, one picture or many."""

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.core.words import amount
from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.ui import controls, state
from explorer.ui.present import present
from explorer.work.boundary.usual import many, seconds
from explorer.work.engine import shared_engine
from explorer.work.pages import PAGES
from explorer.work.request import Request
from explorer.work.sample import Sample

LONG, FEW = 300.0, 25  # seconds of one core from which on a page says what it takes; pictures that it offers instead
OVER = {"one": "this picture", "many": "many pictures"}


def setting(request: Request) -> Setting:
    """Return the words and units around a request's results."""
    facts = DATA[request.data].facts
    names = spoken(request.a, request.b)
    return Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)


def over(request: Request) -> None:
    """Draw the choice between the chosen picture and many, in the present row."""
    controls.picked("over", "About", request, OVER, "show", width=160)


def settings(request: Request, of_many: str, of_one: str) -> Any:
    """Draw how many pictures and draws there are, and the seed, in a popover; return it, for what else belongs there.

    of_many, of_one : the page's knobs of draws where it is about many pictures, and about one
    """
    place = st.popover("Settings", help="How many pictures and draws, every other knob, and the seed")
    page, wide = PAGES[request.page], many(request)
    group, names = ("show", ("pictures", of_many)) if wide else ("choices", (of_one,))
    known = page.show if wide else page.choices
    with place:
        controls.knobs(group, request.page, {name: known[name] for name in names}, dict(getattr(request, group)))
        controls.seed(request)
    return place


def cost(request: Request, view: str, parts: Sequence[Sample]) -> None:
    """Say how long it takes without a GPU, where that is long and not done yet, and offer fewer pictures."""
    store, pictures = shared_engine().store, int(dict(request.show)["pictures"])
    rest = seconds(view, [part for part in parts if store.get(part.key) is None])
    if rest < LONG or pictures <= FEW:
        return
    minutes = amount(round(rest / 60), "minute")
    st.info(
        f"Without a GPU the rest of {pictures:,} pictures takes about {minutes} of one core, less on several. It is "
        "shown as it comes, the first pictures first; how many there are is chosen under Settings.",
        icon=":material/schedule:",
    )
    fewer = tuple(sorted((dict(request.show) | {"pictures": FEW}).items()))
    st.button(f"The first {FEW} pictures alone", key="fewer", on_click=state.take, args=("show", fewer))


def beside(
    figure: go.Figure,
    request: Request,
    name: str,
    sentences: Sequence[str],
    table: Callable[[], bytes],
    code: str,
    alt: str,
    *,
    wide: bool = False,
) -> None:
    """Draw a view's figure as `present` does, and the view's lesson beside it."""
    picture, words = st.columns([5, 2], gap="medium")
    with picture:
        present(figure, request, name, sentences, table, code, alt, wide=wide)
    with words:
        st.markdown((assets() / "lessons" / f"boundary-{name}.md").read_text())
