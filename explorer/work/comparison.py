"""The comparison of attacks on one picture: which are asked, at which settings, and what they are called."""

from explorer.attacks import ATTACKS
from explorer.work.request import Pairs, Request, default, norms_of


def asked(request: Request) -> dict[str, Request]:
    """Return the request of every attack that serves the norm: the chosen one's own, all others at their usual knobs.

    Of each the comparison itself is closed.
    """
    own = request.with_(show=default(request.data).show)
    names = [name for name in ATTACKS if request.norm in norms_of(request.data, name)]
    return {name: own if name == own.attack else own.with_(attack=name, knobs=_usual(request, name)) for name in names}


def titles(request: Request) -> dict[str, str]:
    """Return what to call every attack; the chosen one at settings of a person's own is marked."""
    found = {entry.name: entry.title for entry in ATTACKS.values()}
    if request.knobs != _usual(request, request.attack):
        found[request.attack] += " (your settings)"
    return found


def controls() -> list[str]:
    """Return those that ask the model nothing: they are compared with, and are no attacks."""
    return [entry.name for entry in ATTACKS.values() if entry.facts["knows"] == "nothing"]


def _usual(request: Request, name: str) -> Pairs:
    return default(request.data, request.norm, name).knobs
