"""The view "numbers" of the Embedding page: how far features move, and whose neighbours they are, on A and on B."""

from collections.abc import Mapping
from typing import Any

from explorer.core.results import Embedded, Embedding
from explorer.work.embedding.attacked import number
from explorer.work.embedding.spaces import Spaced, space_of
from explorer.work.request import Request
from explorer.work.sample import SIZE


def pieces(request: Request) -> list[Spaced]:
    """Return what is to be measured: of both models the first pictures first, then all."""
    sizes = dict.fromkeys((min(SIZE, number(request)), number(request)))
    models = dict.fromkeys((request.a, request.b))
    return [space_of(request, model, n) for n in sizes for model in models]


def gather(request: Request, found: Mapping[Any, Any]) -> Embedding | None:
    """Return both models' spaces, of as many pictures as both have; None where that is none yet."""
    for n in dict.fromkeys((number(request), min(SIZE, number(request)))):
        both = [space_of(request, model, n) for model in (request.a, request.b)]
        if all(one in found for one in both):
            a, b = (Embedded(found[one]) for one in both)
            return Embedding(a, b)
    return None
