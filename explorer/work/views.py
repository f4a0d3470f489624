"""A page of several views: what each asks of the engine, and what it makes of the answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.core.progress import Tick
from explorer.work.piece import Asked
from explorer.work.request import Request


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a page, by name; the first is the one it opens with.

    modules : each has `pieces(request)`, the requests and samples to be computed, `gather(request, found)`, the
        view's result from those that are there, None where they do not suffice; where not every data set has the
        view, `suits(data)`; and where a request among its pieces is made of others' results, `needs(request)`
    waits : whether nothing is computed before a person starts it
    requests : what computes a request of the page, by view; samples : what computes a sample, by `Sample.page`
    """

    modules: Mapping[str, Any]
    requests: Mapping[str, Callable[[Request, bytes | None, Tick], Any]]
    samples: Mapping[str, Callable[[Any, Tick], Any]]
    waits: bool = False

    def of(self, data: str) -> tuple[str, ...]:
        """Return the views that a data set has."""
        return tuple(name for name, view in self.modules.items() if not hasattr(view, "suits") or view.suits(data))

    def shown(self, request: Request) -> str:
        """Return the view that a request shows: the chosen one, or the first where its data set does not have that."""
        chosen, known = str(dict(request.choices)["view"]), self.of(request.data)
        return chosen if chosen in known else known[0]

    def pieces(self, request: Request) -> list[Asked]:
        """Return what is to be computed for the view that the request shows."""
        found: list[Asked] = self.modules[self.shown(request)].pieces(request)
        return found

    def gather(self, request: Request, found: Mapping[Any, Any]) -> Any | None:
        """Return the view of a request from what is there; None where that does not suffice."""
        return self.modules[self.shown(request)].gather(request, found)

    def needs(self, request: Request) -> list[Asked]:
        """Return those whose results a request among the pieces is made of."""
        module = self.modules[self.shown(request)]
        return list(module.needs(request)) if hasattr(module, "needs") else []

    def compute(self, request: Request, uploaded: bytes | None, tick: Tick) -> Any:
        """Return the result of a request, one of `pieces`."""
        return self.requests[self.shown(request)](request, uploaded, tick)
