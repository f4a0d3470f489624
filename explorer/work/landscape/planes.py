"""The view "planes" of the Landscape page: the loss over several planes of random directions, as one can mislead."""

from collections.abc import Mapping
from typing import Any

from explorer.core.errors import UserError
from explorer.core.results import Planes
from explorer.work.landscape.surface import beside, cut, kind, models, refusal, terrain
from explorer.work.landscape.tiles import Tile
from explorer.work.request import SEEDS, Request

MESH = "11"  # of each plane: many small pictures show no more


def pieces(request: Request) -> list[Tile]:
    """Return the tiles of one plane after the other, both models beside each other.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(plane(request, 0)):
        raise UserError(reason)
    return [
        one
        for here in planes(request)
        for one in beside(*(cut(here, model, kind(request), 0) for model in models(request)))
    ]


def planes(request: Request) -> list[Request]:
    """Return the request of each plane: random directions of the chosen seed, the next one, and so on."""
    return [plane(request, i) for i in range(int(dict(request.choices)["planes"]))]


def plane(request: Request, i: int) -> Request:
    """Return the request of the i-th plane, as the view "surface" has it."""
    chosen = dict(request.choices) | {"view": "surface", "mesh": MESH, "ways": "random"}
    show = dict(request.show) | {"between": False}  # so small a mesh is drawn as it is
    pairs = {"choices": tuple(sorted(chosen.items())), "show": tuple(sorted(show.items()))}
    return request.with_(**pairs, seed=(request.seed + i) % (SEEDS.high + 1))


def gather(request: Request, found: Mapping[Any, Any]) -> Planes | None:
    """Return the planes that are there of both models; None where none are."""
    there = {str(one.seed): terrain(one, kind(request), found) for one in planes(request)}
    known = {seed: one for seed, one in there.items() if one is not None}
    return Planes(known) if known else None
