"""What the views of the Certificate page share: words around a result, its methods, its settings, its lesson."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.core.assets import assets
from explorer.figures.methods import Method, named
from explorer.models.zoo import zoo_names
from explorer.ui import shell
from explorer.ui.present import present
from explorer.work.certificate.methods import described
from explorer.work.request import Request, default

RECIPES = {"ibp": "for intervals", "crown_ibp": "for CROWN-IBP", "per": "for the envelope", "gaussian": "under noise"}


def methods(request: Request) -> Mapping[str, Method]:
    """Return the methods of a request's norm, as figures know them, the attack last."""
    return named(described(request))


def beside(
    figure: go.Figure,
    request: Request,
    name: str,
    sentences: Sequence[str],
    table: Callable[[], bytes],
    code: str,
    alt: str,
    *,
    under: Callable[[], None] = lambda: None,
    **chart: Any,
) -> None:
    """Draw a view's figure as `present` does, and below it models made for certificates and the view's lesson."""
    present(figure, request, name, sentences, table, code, alt, wide=True, under=under, **chart)
    suggested(request)
    with st.expander("How to read this, and what not to conclude", icon=":material/menu_book:", expanded=True):
        st.markdown((assets() / "lessons" / f"certificate-{name}.md").read_text())


def suggested(request: Request) -> None:
    """Lead to models that were trained to be proved of, as model B, where there are some that are not shown."""
    there = [name for name in zoo_names(request.data) if _recipe(name) and name not in (request.a, request.b)]
    if not there:
        return
    st.caption("Models that were trained so that something can be proved of them, as model B:")
    with st.container(horizontal=True):
        for name in there:
            kept = {"choices": request.choices, "norm": request.norm, "eps": request.eps, "index": request.index}
            address = default(request.data, request.norm, page="certificate").with_(**kept, a=request.a, b=name)
            words = f"{name.removeprefix(f'{request.data}-')}: {RECIPES[_recipe(name)]}"
            st.link_button(words, shell.url(address), icon=":material/verified_user:")


def _recipe(name: str) -> str:
    """Return the recipe for certificates that a model's name tells, the longest that it begins with, or ""."""
    rest = name.partition("-")[2].replace("-", "_")
    return next((key for key in sorted(RECIPES, key=len, reverse=True) if rest.startswith(key)), "")
