"""The view "votes" of the Certificate page: what noisy copies of one picture are called, and how far that holds."""

from collections.abc import Mapping
from typing import Any

from explorer.certificates.smoothing import votes
from explorer.core.device import best_device, generator
from explorer.core.progress import Tick
from explorer.core.results import Voted
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import both, usual
from explorer.work.certificate.picture import PICTURE
from explorer.work.inputs import picture_of
from explorer.work.request import Request

FIRST = 100  # copies that choose the class
KNOBS = ("sigma", "copies", "doubt")


def pieces(request: Request) -> list[Request]:
    """Return what is to be computed: the votes of one model each."""
    return [_asked(request, model) for model in both(request)]


def _asked(request: Request, model: str) -> Request:
    return usual(request, "votes", (*PICTURE, "seed"), KNOBS).with_(a=model, b=model)


def voted(request: Request, uploaded: bytes | None, tick: Tick) -> Voted:
    """Return the votes on a request's picture of its model."""
    x, label = picture_of(request, uploaded, tick)
    chosen = dict(request.choices)
    settings: dict[str, Any] = {"sigma": float(chosen["sigma"]), "alpha": float(chosen["doubt"]), "n0": FIRST}
    settings |= {"n": int(chosen["copies"]), "rng": generator(request.seed), "tick": tick}
    return Voted({request.a: votes(load_model(request.a, best_device()), x, **settings)}, label)


def gather(request: Request, found: Mapping[Any, Any]) -> Voted | None:
    """Return both models' votes; None where one's are not there yet."""
    there = {model: found[one] for model in both(request) if (one := _asked(request, model)) in found}
    if len(there) < len(both(request)):
        return None
    first = next(iter(there.values()))
    return Voted({model: one.models[model] for model, one in there.items()}, first.label)
