"""What the views of the Boundary page share: the words and units around a result."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.ui.present import present
from explorer.work.request import Request


def setting(request: Request) -> Setting:
    """Return the words and units around a request's results."""
    facts = DATA[request.data].facts
    names = spoken(request.a, request.b)
    return Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)


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
