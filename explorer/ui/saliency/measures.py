"""The view "measures": one measure over many test pictures, of several models, filled in as it is computed."""

from functools import cache, partial

import streamlit as st

from explorer.attribution import SALIENCY
from explorer.attribution.measures import MEASURES
from explorer.core.assets import assets
from explorer.core.results import Measures, renamed
from explorer.core.types import Data
from explorer.figures.gauged import snippet, table, told
from explorer.figures.gauges import gauges
from explorer.models.zoo import called, card
from explorer.ui import controls, gathering, importing, shell, state
from explorer.ui.chooser import chooser
from explorer.ui.present import present
from explorer.ui.saliency import frame
from explorer.work.measures import ZOO, gather, measure_of, pieces, refusal
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Measures"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, the measure as far as it is there, and what is to be known of it."""
    name = measure_of(request)
    entry = MEASURES[name]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measures = {one.name: one.title for one in MEASURES.values()}
        controls.picked("measure", "Measure", request, measures, "show", width=270)
        if not entry.facts["own"]:
            titles = {one.name: one.title for one in SALIENCY.values()}
            controls.choose("method", "Method", request, tuple(titles), titles, width=230)
        if name == ZOO:
            chooser(request)
        with st.popover("Settings", help="How many pictures, other models, every knob of the measure and the method"):
            _settings(request, name)
    if reason := refusal(request, name):
        st.info(reason, icon=":material/info:")
        return
    gathering.gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _settings(request: Request, name: str) -> None:
    known, values = PAGES["saliency"].show, dict(request.show)
    controls.knobs("show", "saliency", {"pictures": known["pictures"]}, values)
    if name not in (ZOO, "agreement"):
        rest = [model for model in importing.names(request) if model not in (request.a, request.b)]
        controls.several("more", "More models", request, rest, {one: f"{one} — {card(one)['title']}" for one in rest})
    st.markdown(f"**{MEASURES[name].title}.** {MEASURES[name].summary} ({MEASURES[name].paper})")
    controls.knobs("show", "saliency", {k: v for k, v in known.items() if k.startswith(f"{name}_")}, values)
    if MEASURES[name].facts["own"]:
        controls.seed(request)
    else:
        frame.settings(request, second=False)


def _show(request: Request, result: Measures | None) -> None:
    if result is None:
        return
    sight, address, numbers = frame.sight(request), shell.url(request), partial(table, result)
    result = renamed(result, called(list(result.models)))
    picture, words = st.columns([5, 2], gap="medium")
    with words:
        st.markdown(lesson(result.measure))
    with picture:
        if not result.known:
            for sentence in told(result, sight):
                st.info(state.markdown_free(sentence))
            return
        figure = gauges(result, sight, dark=controls.is_dark())
        alt = f"{result.title} of {', '.join(result.models)}."
        sentences, panels = told(result, sight), len(result.curves or result.values)
        present(figure, request, "measures", sentences, numbers, snippet(address), alt, wide=panels > 1)


@cache
def lesson(measure: str) -> str:
    """Return the words that belong to a measure, from the lessons."""
    text = (assets() / "lessons" / "measures.md").read_text()
    parts = dict(part.split("\n", 1) for part in text.split("## ")[1:])
    return parts[measure].strip()
