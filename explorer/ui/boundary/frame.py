"""What the views of the Boundary page share: the words and units around a result, one picture or many."""

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.ui import controls
from explorer.ui.present import present
from explorer.work.boundary.usual import many
from explorer.work.pages import PAGES
from explorer.work.request import Request

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
