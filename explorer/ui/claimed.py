"""Published claims, each in a box with whether it holds here."""

from collections.abc import Sequence

import streamlit as st

from explorer.core.results import Claim
from explorer.core.words import minus
from explorer.figures.claims import verdict
from explorer.ui import state

ICONS = {True: ":material/check_circle:", False: ":material/cancel:", None: ":material/help:"}


def claimed(claims: Sequence[Claim]) -> None:
    """Draw a box for each claim."""
    for claim in claims:
        with st.container(border=True):
            st.markdown(f"**{state.markdown_free(claim.says)}**")
            st.markdown(f"{ICONS[claim.holds]} **{verdict(claim)}.** {state.markdown_free(minus(claim.found))}")
            st.caption(f"What was reported: {state.markdown_free(claim.paper)}")
