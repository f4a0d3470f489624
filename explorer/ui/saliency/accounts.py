"""The view "accounts": on shapes, where it is known what each pixel is, what the models go by."""

from functools import partial

import streamlit as st

from explorer.core.results import Ledger, renamed
from explorer.core.types import Data
from explorer.figures.accounts import accounts
from explorer.figures.owed import snippet, table, told
from explorer.models.zoo import called
from explorer.ui import controls, shell
from explorer.ui.gathering import gathered
from explorer.ui.present import present
from explorer.ui.saliency import frame
from explorer.work.accounts import gather, pieces
from explorer.work.request import Request

TITLE = "Accounts"


def draw(request: Request, _data: Data) -> None:
    """Draw the controls, and the accounts as they arrive."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.explained(request)
        frame.number_of_pictures(request)
        with st.popover("Settings", help="Every knob of the method, and the seed"):
            frame.settings(request, second=False)
    gathered(pieces(request), lambda found: _show(request, gather(request, found)))


def _show(request: Request, ledger: Ledger | None) -> None:
    if ledger is None:
        return
    sight, numbers = frame.sight(request), partial(table, ledger)
    ledger = renamed(ledger, called(request.models))
    figure = accounts(ledger, sight, dark=controls.is_dark())
    alt = (
        "Bars of the mean margin of both models on pictures as they are, with the cue removed or swapped, with the "
        "silhouette removed; beside them the shares of margin and map that each feature is owed."
    )
    code = snippet(shell.url(request))
    present(figure, request, "accounts", told(ledger, sight), numbers, code, alt, wide=True)
