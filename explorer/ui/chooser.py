"""The chooser of an attack: a button for each, by what the attacker knows; those that cannot serve say why."""

from itertools import groupby

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.norms import SYMBOLS
from explorer.core.registry import Entry
from explorer.ui import state
from explorer.ui.serving import KNOWS, by_knowledge, why_not
from explorer.work.request import Request, norms_of

BUTTON = 346  # px: three beside each other, on a narrow screen one


def chooser(request: Request) -> None:
    """Draw a button with the chosen attack's name, which opens a dialog with the others; choosing one closes it."""
    title = state.markdown_free(ATTACKS[request.attack].title)
    if st.button(f"Attack: **{title}**", key="attacks", icon=":material/expand_more:", icon_position="right"):
        _dialog(request)


@st.dialog("Attacks, by what they see of the model", width="large")
def _dialog(request: Request) -> None:
    with st.container(key="chooser", gap="xsmall"):
        for knows, entries in groupby(by_knowledge(), lambda entry: entry.facts["knows"]):
            st.markdown(f"**{KNOWS[knows]}**")
            with st.container(horizontal=True, gap="xsmall"):
                if any([_button(request, entry) for entry in entries]):
                    st.rerun()


def _button(request: Request, entry: Entry) -> bool:
    title, chosen = state.markdown_free(entry.title), entry.name == request.attack
    reason = why_not(request.data, request.norm, entry.name)
    norms = " ".join(SYMBOLS[norm] for norm in norms_of(request.data, entry.name))
    paper = f" ({entry.paper})" if entry.paper else ""
    return st.button(
        f"{f'**{title}**' if chosen else title} :small[{reason or norms}]",
        key=f"take_{entry.name}",
        icon=":material/check:" if chosen else None,
        disabled=bool(reason),
        help=state.markdown_free(entry.summary + paper),
        on_click=state.take,
        args=("attack", entry.name),
        width=BUTTON,
        wrap=True,
    )
