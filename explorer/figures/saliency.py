"""The Saliency page in plain sentences: a line for each kind of result, which its view's figure can tell."""

from collections.abc import Callable
from typing import Any

from explorer.core.results import Drawings, Ledger, Looks, Measures, MovedLook, Versions
from explorer.core.words import minus
from explorer.figures import drawings, gauged, maps, moved, owed, versions
from explorer.figures.sight import Sight

TOLD: dict[type, Callable[[Any, Sight], list[str]]] = {
    Ledger: owed.told,
    Looks: maps.told,
    MovedLook: moved.told,
    Drawings: drawings.told,
    Versions: versions.told,
    Measures: gauged.told,
}


def told(result: Any, sight: Sight) -> list[str]:
    """Return what a view of the Saliency page says, a line each."""
    return [minus(line) for line in TOLD[type(result)](result, sight)]
