"""What the views of the Landscape page share: the words and units around a result, its settings, its lesson."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.ui import state
from explorer.ui.present import present
from explorer.work.request import Request


def beside(
    figure: go.Figure,
    request: Request,
    name: str,
    sentences: Sequence[str],
    table: Callable[[], bytes],
    code: str,
    alt: str,
    *,
    more: Sequence[str] = (),
    under: Callable[[], None] = lambda: None,
) -> None:
    """Draw a view's figure as `present` does, and below it the view's lesson.

    more : sentences that stand behind a heading, where there are many; under : draws what stands under the figure
    """
    present(figure, request, name, sentences, table, code, alt, wide=True, under=under)
    if more:
        with st.expander("The numbers in words, each with its n and interval", icon=":material/format_list_numbered:"):
            for sentence in more:
                st.markdown(state.markdown_free(sentence))
    with st.expander("How to read this, and what not to conclude", icon=":material/menu_book:", expanded=True):
        st.markdown((assets() / "lessons" / f"landscape-{name}.md").read_text())
