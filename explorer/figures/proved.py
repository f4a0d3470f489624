"""What the views of the Certificate page say, whichever it is."""

from collections.abc import Callable, Mapping
from typing import Any

from explorer.core.results import Boxed, Envelopes, Ladders, Proofs, Voted
from explorer.figures import boxing, certifying, enveloping, ruled, rungs, voting
from explorer.figures.methods import Method
from explorer.figures.setting import Setting

Methods = Mapping[str, Method]
OF_METHODS: dict[str, Callable[[Any, Setting, Methods], list[str]]] = {
    "picture": ruled.told,
    "curve": certifying.told,
    "plane": enveloping.told,
}
OF_RESULT: dict[str, Callable[[Any, Setting], list[str]]] = {
    "boxes": boxing.told,
    "votes": voting.told,
    "ladder": rungs.told,
}


def told(
    result: Proofs | Envelopes | Boxed | Voted | Ladders, view: str, setting: Setting, methods: Methods
) -> list[str]:
    """Return what the result of the view called `view` says, a sentence each."""
    if view in OF_METHODS:
        return OF_METHODS[view](result, setting, methods)
    return OF_RESULT[view](result, setting)
