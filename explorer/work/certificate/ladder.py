"""The view "ladder" of the Certificate page: bounds of how steep each model's margins are, the tightest below."""

from collections.abc import Mapping
from typing import Any

import torch

from explorer.certificates.ladder import ladder
from explorer.certificates.network import read
from explorer.core.device import best_device, generator
from explorer.core.errors import UserError
from explorer.core.progress import Tick
from explorer.core.results import Ladders
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import both
from explorer.work.certificate.methods import ATTACK, refusal
from explorer.work.certificate.picture import PICTURE
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default


def pieces(request: Request) -> list[Request]:
    """Return what is to be computed: one model's ladder each.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(request):
        raise UserError(reason)
    return [_asked(request, model) for model in both(request)]


def local(request: Request) -> bool:
    """Return whether it is asked how steep models are within the budget, which must be above 0, not everywhere."""
    return bool(dict(request.choices)["local"]) and request.eps > 0


def _asked(request: Request, model: str) -> Request:
    plain = default(request.data, request.norm, ATTACK, page=request.page)
    chosen = dict(plain.choices) | {"view": "ladder", "local": local(request)}
    kept = {field: getattr(request, field) for field in (*PICTURE, "seed")} | {"a": model, "b": model}
    if local(request):
        kept["eps"] = request.eps
    return plain.with_(choices=tuple(sorted(chosen.items())), **kept)


def steep(request: Request, uploaded: bytes | None, tick: Tick) -> Ladders:
    """Return how steep the margins of a request's picture are on its model: of its class, or of the model's answer."""
    x, label = picture_of(request, uploaded, tick)
    model = load_model(request.a, best_device())
    x = x.to(best_device())
    if label < 0:
        with torch.no_grad():
            label = int(model(x).argmax(1))
    eps = request.threat.eps if local(request) else None
    try:
        net = read(model, x.shape[1:])
        found = ladder(net, x, label, norm=request.norm, eps=eps, rng=generator(request.seed), tick=tick)
    except UserError as error:
        return Ladders({}, {request.a: str(error)})
    return Ladders({request.a: found})


def gather(request: Request, found: Mapping[Any, Any]) -> Ladders | None:
    """Return both models' ladders; None where one's is not there yet."""
    there = [found[one] for model in both(request) if (one := _asked(request, model)) in found]
    if len(there) < len(both(request)):
        return None
    models, refused = ({k: v for one in there for k, v in getattr(one, part).items()} for part in ("models", "refused"))
    return Ladders(models, refused, both(request))
