"""A view's figure on its page, with what it says and the ways to take it away."""

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.core.words import minus
from explorer.figures.style import config
from explorer.ui import export, shell, state
from explorer.work.request import Request


def present(
    figure: go.Figure,
    request: Request,
    name: str,
    sentences: Sequence[str],
    table: Callable[[], bytes],
    code: str,
    alt: str,
    *,
    wide: bool = False,
    buttons: Sequence[str] = (),
    under: Callable[[], None] = lambda: None,
    **chart: Any,
) -> None:
    """Draw a view's figure, what it says, and the ways to take it away.

    name : the view's; alt : what the figure shows, before the sentences
    wide : several panels beside each other: a narrow window scrolls them rather than squeeze them (`shell.STYLE`)
    buttons : of plotly.js, beside the usual ones; under : draws what stands right under the figure
    """
    sentences = [minus(sentence) for sentence in sentences]
    with st.container(key="figure"):
        st.plotly_chart(
            figure,
            theme=None,
            key=f"{'wide' if wide else 'chart'}_{name}",
            config=config(request.page, *buttons),
            alt=" ".join([alt, *sentences]),
            **chart,
        )
    under()
    for sentence in sentences:
        st.markdown(state.markdown_free(sentence))
    note = "\n".join([*sentences, request.address()])
    export.export(figure, "figure", f"{request.page}-{request.data}-{name}", shell.url(request), note, table, code)
