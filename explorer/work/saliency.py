"""The Saliency page: its views, what each asks of the engine, and what it makes of the answers.

A view is a module of this room with `pieces(request)`, the requests and samples to be computed, and
`gather(request, found)`, the view's result from those that are there, None where they do not suffice.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from explorer.core.progress import Tick
from explorer.work import accounts, attacked, drawn, maps, measures
from explorer.work.gauge import gauge
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.sample import Sample

VIEWS: dict[str, ModuleType] = {
    "accounts": accounts,
    "maps": maps,
    "attacked": attacked,
    "drawn": drawn,
    "measures": measures,
}
REQUESTS: dict[str, Callable[[Request, bytes | None, Tick], Any]] = {  # by view
    "maps": maps.look,
    "attacked": attacked.attacked,
    "drawn": drawn.drawn,
}
SAMPLES: dict[str, Callable[[Sample, Tick], Any]] = {  # by `Sample.page`
    "accounts": accounts.account,
    "shares": accounts.share,
    "measure": gauge,
}
TRUTH = ("shapes",)  # data sets whose features are known pixel by pixel


def views_of(data: str) -> tuple[str, ...]:
    """Return the views that a data set has."""
    return tuple(name for name in VIEWS if name != "accounts" or data in TRUTH)


def view_of(request: Request) -> str:
    """Return the view that a request shows: the chosen one, or the first where its data set does not have that."""
    chosen, known = str(dict(request.choices)["view"]), views_of(request.data)
    return chosen if chosen in known else known[0]


def pieces(request: Request) -> list[Asked]:
    """Return what is to be computed for the view that the request shows."""
    found: list[Asked] = VIEWS[view_of(request)].pieces(request)
    return found


def gather(request: Request, found: Mapping[Any, Any]) -> Any | None:
    """Return the view of a request from what is there; None where that does not suffice."""
    return VIEWS[view_of(request)].gather(request, found)
