"""The view "numbers": what the attack does to all pictures in the space itself, filled in as it is computed."""

import streamlit as st

from explorer.core.results import Embedding
from explorer.core.types import Data
from explorer.figures.embedded import snippet, table, told
from explorer.figures.embedding_numbers import embedding_numbers
from explorer.ui import controls, gathering, shell
from explorer.ui.embedding import frame
from explorer.ui.present import present
from explorer.work.embedding.measured import gather, pieces
from explorer.work.request import Request

TITLE = "Numbers"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, what was measured, and what is to be known of it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.space(request)
        frame.attack(request, "n", "k")
    gathering.gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, found: Embedding | None) -> None:
    if found is None:
        return
    outlook = frame.outlook(request)
    figure = embedding_numbers(found, outlook, dark=controls.is_dark())
    alt = (
        f"Left the share of the {outlook.thing}s that the attack moves at most so far, a line for each model; right "
        "bars of the mean shares of their nearest clean neighbours that have the same label, clean and attacked, or "
        "are the same."
    )
    code = snippet(shell.url(request))
    present(figure, request, "numbers", told(found, outlook), lambda: table(found, outlook), code, alt, wide=True)
