"""What the views of the Boundary page share: a request at its usual choices but for some, and pictures one or many."""

from collections.abc import Sequence

from explorer.data import DATA
from explorer.work.request import Request, default
from explorer.work.sample import Sample

SECONDS = {
    "distances": {"digits": 0.06, "mnist": 0.3, "shapes": 0.3, "cifar10": 3.0},
    "local": {"digits": 0.03, "cifar10": 0.8},
}  # that a picture and model take, about, on one core, where that was measured
PICTURE = ("data_knobs", "index", "upload", "label", "a", "b", "seed")


def usual(request: Request, view: str, fields: tuple[str, ...], choices: tuple[str, ...]) -> Request:
    """Return a view of the page at its usual choices, but for the fields and the page's choices that are kept."""
    norm, attack = (request.norm, request.attack) if "norm" in fields else ("linf", "pgd")
    plain = default(request.data, norm, attack, page=request.page)
    kept = {name: dict(request.choices)[name] for name in choices}
    chosen = tuple(sorted((dict(plain.choices) | kept | {"view": view}).items()))
    return plain.with_(choices=chosen, **{name: getattr(request, name) for name in fields})


def many(request: Request) -> bool:
    """Return whether the request is about many pictures, not the chosen one."""
    return dict(request.show)["over"] == "many"


def count(request: Request) -> int:
    """Return how many pictures that are: the chosen number, or as many as there are."""
    return min(int(dict(request.show)["pictures"]), int(DATA[request.data].facts["sizes"]["test"]))


def seconds(view: str, parts: Sequence[Sample]) -> float:
    """Return how long some parts of a view take, about, on one core and no GPU; 0 where nobody has measured it."""
    return sum(SECONDS[view].get(part.data, 0.0) * (part.stop - part.start) for part in parts)


def both(request: Request) -> tuple[str, ...]:
    """Return the names of model A and model B, one where they are the same."""
    return tuple(dict.fromkeys((request.a, request.b)))
