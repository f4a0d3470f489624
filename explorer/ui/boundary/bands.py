"""The view "bands": how far the decision boundary is if only some frequencies may change, of many pictures."""

import streamlit as st

from explorer.core.results import BandChanges, Bands
from explorer.core.types import Data
from explorer.figures import waved
from explorer.figures.banded import snippet, table, told
from explorer.figures.bands import bands
from explorer.models.zoo import card
from explorer.ui import controls, importing, shell
from explorer.ui.boundary import frame
from explorer.ui.gathering import gathered
from explorer.work.boundary.bands import gather, pieces, refusal
from explorer.work.pages import PAGES
from explorer.work.request import Request

TITLE = "Margins by frequency"
MARKS = {"swarm": "every picture", "box": "boxes of pictures", "changes": "this picture's changes"}
KNOBS = ("pictures", "bands", "band_width", "own_kind")


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the margins as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rest = [model for model in importing.names(request) if model not in (request.a, request.b)]
        titles = {one: f"{one} — {card(one)['title']}" for one in rest}
        controls.several("more", "More models", request, rest, titles)
        controls.picked("band_marks", "Show", request, MARKS, "show", width=210)
        with st.popover("Settings", help="How many pictures, which bands, and which pictures of the models' own"):
            known = PAGES["boundary"].show
            controls.knobs("show", "boundary", {name: known[name] for name in KNOBS}, dict(request.show))
    if reason := refusal(request):
        st.info(reason, icon=":material/info:")
        return
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, result: Bands | BandChanges | None) -> None:
    if isinstance(result, Bands):
        _margins(request, result)
    elif result is not None:
        _changes(request, result)


def _changes(request: Request, result: BandChanges) -> None:
    setting, code = frame.setting(request), waved.snippet(shell.url(request))
    figure, sentences = waved.waved(result, setting, dark=controls.is_dark()), waved.told(result, setting, {})
    alt = f"The picture, and for each band the change within it that turns the answer of {', '.join(result.models)}."
    frame.beside(figure, request, "bands", sentences, lambda: waved.table(result), code, alt, wide=True)


def _margins(request: Request, result: Bands) -> None:
    setting, show, code = frame.setting(request), dict(request.show), snippet(shell.url(request))
    figure = bands(result, setting, show, dark=controls.is_dark())
    alt = (
        "For each band of frequencies, from low to high, the distances of test pictures to the decision boundary "
        f"within that band, with their medians, of {', '.join(result.models)}; under each band a picture of its wave."
    )
    frame.beside(figure, request, "bands", told(result, setting, show), lambda: table(result), code, alt, wide=True)
