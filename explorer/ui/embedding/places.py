"""The view "map": a map of each model's space, the pictures behind its points, and one picture's way through it."""

from functools import partial

import streamlit as st

from explorer.core.results import Embedding, Space
from explorer.core.types import Data
from explorer.figures.embedded import snippet, table, told
from explorer.figures.embedding_map import embedding_map
from explorer.ui import controls, gathering, shell
from explorer.ui.embedding import frame, pictures
from explorer.ui.present import present
from explorer.work.embedding.places import gather, pieces
from explorer.work.request import Request

TITLE = "Map"
MAPS = {"pca": "principal axes (PCA)", "umap": "UMAP"}
COLOUR = {"class": "true class", "answer": "the model's answer", "margin": "margin"}
LINES = {"some": "of some", "all": "of all", "none": "of none"}
KNOBS = ("n", "k", "n_neighbors", "min_dist", "map_seed")


def draw(request: Request, data: Data) -> None:
    """Draw the controls, the maps as far as they are there, and what is to be known of them."""
    umap = dict(request.choices)["projection"] == "umap"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.space(request)
        controls.picked("projection", "Map", request, MAPS, width=190)
        controls.picked("colour", "Colour and symbol", request, COLOUR, "show", width=190)
        controls.picked("lines", "Lines to the attacked", request, LINES, "show", width=150)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        frame.attack(request, *(KNOBS if umap else KNOBS[:2]))
    gathering.gathered(pieces(request), lambda found: _show(request, data, gather(request, found)))


def _show(request: Request, data: Data, found: Embedding | None) -> None:
    if found is None:
        return
    if found.projection != dict(request.choices)["projection"]:
        st.caption(
            "UMAP is not there yet: these are the principal axes. The first UMAP on a machine takes a minute or two, "
            "as it is compiled."
        )
    outlook, key = frame.outlook(request), pictures.key(request)
    spaces = [half.space for half in (found.a, found.b) if isinstance(half.space, Space)]
    shown = data.x[: max((len(space.labels) for space in spaces), default=0)].numpy()
    figure = embedding_map(found, outlook, shown, dark=controls.is_dark())
    alt = (
        f"Two maps, model A left and model B right: clean {outlook.thing}s filled, attacked ones open, thin lines "
        f"between, and the way of the chosen {outlook.thing}."
    )
    present(
        figure,
        request,
        "map",
        told(found, outlook),
        lambda: table(found, outlook),
        snippet(shell.url(request)),
        alt,
        wide=True,
        buttons=("lasso2d",),
        under=lambda: pictures.behind(key, request, data, found, outlook),
        on_select=partial(pictures.click, "wide_map", key),
        selection_mode=("points", "box", "lasso"),
    )
