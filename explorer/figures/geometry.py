"""The Boundary page in plain sentences: a line for each kind of result, which its view's figure can tell."""

from collections.abc import Callable, Mapping
from typing import Any

from explorer.core.results import Anisotropy, BandChanges, Bands, Insides, Locality, Reaches, SliceView
from explorer.core.words import minus
from explorer.figures import banded, nearness, preferred, reaching, slicing, surroundings, waved
from explorer.figures.setting import Setting

TOLD: dict[type, Callable[[Any, Setting, Mapping[str, Any]], list[str]]] = {  # the last: the page's ways of showing
    SliceView: slicing.told,
    Bands: banded.told,
    BandChanges: waved.told,
    Locality: nearness.told,
    Anisotropy: preferred.told,
    Reaches: reaching.told,
    Insides: surroundings.told,
}


def told(result: Any, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what a view of the Boundary page says, a line each."""
    return [minus(line) for line in TOLD[type(result)](result, setting, show)]
