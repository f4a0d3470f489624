"""Which variant of its data set a model was trained on, where that is another kind of picture."""

from collections.abc import Mapping
from typing import Any

from explorer.data import DATA
from explorer.models.own import is_own
from explorer.models.zoo import card


def trained_on(model: str) -> dict[str, Any]:
    """Return the knobs that make another kind of picture of a model's data set, as its training pictures had them.

    Empty where the data set has no such knob, and for an imported model, of which nobody said.
    """
    found = card(model)
    entry, chosen = DATA[found["data"]], found.get("data_knobs", {})
    known = entry.facts.get("scales", {})
    return {} if is_own(model) else {name: chosen.get(name, entry.knobs[name].default) for name in known}


def stranger(model: str, knobs: Mapping[str, Any]) -> str:
    """Return in a sentence that these pictures are of another kind than a model was trained on, or ""."""
    own = trained_on(model)
    if all(knobs[name] == value for name, value in own.items()):
        return ""
    kind = ", ".join(f"{name} = {value}" for name, value in own.items())
    return f"{model} was trained on pictures with {kind}: on others its answers mean little."


def scale_of(data: str, knobs: Mapping[str, Any]) -> float:
    """Return by what a variant of a data set shrinks every change of a picture, 1 where it does not."""
    scale = 1.0
    for name, known in DATA[data].facts.get("scales", {}).items():
        scale *= known[knobs[name]]
    return scale
