"""What is to be computed before what: a piece that is made of others' results comes after them."""

from collections.abc import Iterable

from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.sample import Sample
from explorer.work.viewed import VIEWED


def needs(part: Asked) -> list[Asked]:
    """Return the pieces whose results one is made of; none for most."""
    if isinstance(part, Sample):
        return list(part.needs)
    return VIEWED[part.page].needs(part) if isinstance(part, Request) and part.page in VIEWED else []


def unfolded(parts: Iterable[Asked]) -> list[Asked]:
    """Return some pieces, each once and behind those that it is made of."""
    found: dict[Asked, None] = {}

    def take(part: Asked) -> None:
        if part not in found:
            for before in needs(part):
                take(before)
            found[part] = None

    for part in parts:
        take(part)
    return list(found)
