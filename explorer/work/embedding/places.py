"""The view "map" of the Embedding page: a map of each model's space, and one picture's way through it."""

from collections.abc import Mapping
from typing import Any

from explorer.core.results import Embedded, Embedding, Placed, Refused, Space, Steps
from explorer.work.embedding import measured
from explorer.work.embedding.attacked import number
from explorer.work.embedding.spaces import map_of, space_of
from explorer.work.embedding.ways import needs, plain
from explorer.work.piece import Asked
from explorer.work.request import Request

__all__ = ["gather", "needs", "pieces"]


def pieces(request: Request) -> list[Asked]:
    """Return what is to be computed: the spaces with their principal axes, UMAP where it is chosen, then the way."""
    maps = [map_of(request, model, number(request)) for model in dict.fromkeys((request.a, request.b))]
    return [*measured.pieces(request), *(maps if _umap(request) else []), plain(request)]


def gather(request: Request, found: Mapping[Any, Any]) -> Embedding | None:
    """Return both models' maps from what is there: by principal axes as long as there is no UMAP; None without any.

    The way of the chosen picture is one in the maps of all pictures, and not there before those are.
    """
    shown = measured.gather(request, found)
    if shown is None:
        return None
    models = (request.a, request.b)
    maps = [found.get(map_of(request, model, number(request))) for model in models]
    umap = _umap(request) and all(one is not None for one in maps)
    whole = umap == _umap(request) and all(space_of(request, model, number(request)) in found for model in models)
    traced = found.get(plain(request)) if whole else None
    a, b = (
        _half(half.space, maps[i] if umap else None, getattr(traced, "ab"[i]) if traced else None)
        for i, half in enumerate((shown.a, shown.b))
    )
    return Embedding(a, b, "umap" if umap else "pca")


def _umap(request: Request) -> bool:
    return dict(request.choices)["projection"] == "umap"


def _half(space: Space | Refused, found: Placed | Refused | None, steps: Steps | Refused | None) -> Embedded:
    if isinstance(space, Refused):
        return Embedded(space)
    return Embedded(space, found if isinstance(found, Placed) else space.pca, steps)
