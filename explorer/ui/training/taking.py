"""A trained model taken into use: one of the person's own, A or B everywhere, and as files."""

import io
import zipfile
from collections.abc import Sequence

import streamlit as st

from explorer.core.results import Pair, Stretched
from explorer.models import own
from explorer.models.zoo import card
from explorer.ui import importing, shell, state
from explorer.ui.export import download
from explorer.work.request import Request
from explorer.work.training.keeping import keep, title_of
from explorer.work.training.stretches import Stretch

TAKEN = "_trained_taken"  # in a session: the model that was kept last


def takings(request: Request, asked: Sequence[Sequence[Stretch]], found: Pair) -> None:
    """Draw, for each training that is over, the ways to keep its model."""
    st.markdown("**Keep a model**: it is yours, and can be model A or B on every page.")
    for column, side, stretches, there in zip(st.columns(2), "ab", asked, found.both, strict=True):
        with column:
            if not there or not there[-1].done:
                st.caption(f"{'Left' if side == 'a' else 'Right'}: not trained to its end yet.")
                continue
            for role in "ab":
                label = f"Keep {'the left' if side == 'a' else 'the right'} one as model {role.upper()}"
                args = (stretches[-1], there[-1], role)
                st.button(label, key=f"keep_{side}_{role}", on_click=_keep, args=args, width="stretch")
    taken = st.session_state.get(TAKEN)
    if taken and (roles := [role.upper() for role in "ab" if getattr(request, role) == taken]):
        link = f"[see it attacked]({shell.url(request.on('attack'))})"
        title = state.markdown_free(str(card(taken)["title"]))
        st.success(f"**{title}** (`{taken}`) is model {' and '.join(roles)} now: {link}.", icon=":material/check:")
        st.caption(
            "No list of anybody else shows it. Its name is in the address: keep that, and the model is there again "
            "after a reload; on this server it stays until models used more recently need the room."
        )
        download("Weights and card (ZIP)", lambda: _packed(taken), f"{taken}.zip", "application/zip")


def _keep(stretch: Stretch, found: Stretched, role: str) -> None:
    name = keep(stretch, found, title_of(stretch))
    importing.remember(name)
    st.session_state[TAKEN] = name
    state.go(state.current().with_(**{role: name}))


def _packed(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for file in sorted(own.folder(name).iterdir()):
            packed.write(file, f"{name}/{file.name}")
    return out.getvalue()
