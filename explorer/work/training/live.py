"""The view "live": two trainings beside each other, drawn as they go on."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from explorer.core.results import Pair, Stretched
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.training.stretches import Stretch, trainings
from explorer.work.training.usual import USUAL


def trains(data: str) -> bool:
    """Return whether a data set's models train while one looks on; of others `pieces` raises `UserError`."""
    return data in USUAL


def pieces(request: Request) -> list[Asked]:
    """Return the stretches of both trainings, by turns; two of one kind are trained once."""
    pairs = zip_longest(*trainings(request))
    return list(dict.fromkeys(one for pair in pairs for one in pair if one is not None))


def gather(request: Request, found: Mapping[Any, Any]) -> Pair | None:
    """Return the stretches that are there, each training's up to the first that is not; None where there is none."""
    asked = dict(request.choices)
    a, b = (_there(stretches, found) for stretches in trainings(request))
    return Pair((str(asked["recipe"]), str(asked["recipe_b"])), a, b) if a or b else None


def _there(stretches: list[Stretch], found: Mapping[Any, Any]) -> tuple[Stretched, ...]:
    known = [found.get(stretch) for stretch in stretches]
    count = next((i for i, one in enumerate(known) if one is None), len(known))
    return tuple(one for one in known[:count] if one is not None)
