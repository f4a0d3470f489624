"""Runs a measure, and checks what it gives."""

import inspect
import time
from collections.abc import Mapping
from typing import Any

from explorer.attribution import SALIENCY
from explorer.attribution.measures import MEASURES
from explorer.attribution.measures.case import Case
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.progress import Tick, silent
from explorer.core.results import Measured


def run_measure(
    name: str,
    case: Case,
    other: Case | None = None,
    *,
    start: int = 0,
    knobs: Mapping[str, Any] | None = None,
    tick: Tick = silent,
) -> Measured:
    """Return what a measure says of each picture of a case, of two models where it compares two.

    start : the place of the first picture in its test set

    A picture's numbers do not depend on those beside it. Raises `UserError` for an unknown measure or knob, and where
    the measure cannot be taken of such pictures or such a method.
    """
    entry = MEASURES[name]
    values = fill(entry.knobs, knobs or {})
    if reason := why_not(name, case.method, case.x.ndim == 4, case.mask is not None or case.bright):
        raise UserError(reason)
    offered = {"rng": generator(case.seed), "tick": tick, "other": other}
    extra: dict[str, Any] = {key: value for key, value in offered.items() if takes(name, key)}
    begun = time.perf_counter()
    found = entry.run(case, **values, **extra)
    seconds = time.perf_counter() - begun
    named = entry.facts["places"]
    places = {place: k for k, place in enumerate(named(case))} if named else {}
    return Measured(start, {key: value.float().cpu().numpy() for key, value in found.items()}, seconds, places)


def why_not(name: str, method: str, pictures: bool, known: bool) -> str:
    """Return in a sentence why a measure cannot be taken, or "".

    pictures : they have rows and columns; known : where the object is, is known
    """
    entry = MEASURES[name]
    needs = entry.facts["needs"]
    if "pictures" in needs and not pictures:
        return f"{entry.title} needs the rows and columns of a picture, and these are points."
    if "object" in needs and not known:
        return f"{entry.title} is not offered here: nothing says which pixels are the object's."
    if "sums" in needs and not SALIENCY[method].facts["sums"]:
        return f"{entry.title} is not offered for {SALIENCY[method].title}: it does not promise what a map sums to."
    return ""


def takes(name: str, offered: str) -> bool:
    """Return whether a measure asks for what the runner offers: "rng", "tick" or "other"."""
    return offered in inspect.signature(MEASURES[name].run).parameters
