"""The view "picture" of the Certificate page: how far one picture is proved safe on each model, and where it breaks."""

from collections.abc import Mapping
from typing import Any

import torch

from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.progress import Tick
from explorer.core.results import Bracket, Proofs
from explorer.data import DATA
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import both
from explorer.work.certificate.effort import too_large
from explorer.work.certificate.methods import ATTACK, asked, base, refusal, seeded, top
from explorer.work.certificate.proving import prove
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default

PICTURE = ("data_knobs", "index", "upload", "label")


def pieces(request: Request) -> list[Request]:
    """Return what is to be computed: one method on one model each, the quick ones on both models first.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(request):
        raise UserError(reason)
    return [piece(request, name, model) for name in asked(request) for model in both(request)]


def piece(request: Request, name: str, model: str) -> Request:
    """Return the request for one method on one model, with what that does not hang on at its usual value."""
    plain = default(request.data, request.norm, ATTACK, page=request.page)
    chosen = dict(plain.choices) | {"view": "picture", "proof": name}
    kept = {field: getattr(request, field) for field in PICTURE} | {"a": model, "b": model, "eps": base(request)}
    if seeded(name):
        kept["seed"] = request.seed
    return plain.with_(choices=tuple(sorted(chosen.items())), **kept)


def proved(request: Request, uploaded: bytes | None, tick: Tick) -> Bracket:
    """Return what one method says of a request's picture on its model.

    The answer that is to hold is the picture's class or, where nobody said it, the model's own.
    """
    (name,) = asked(request)
    x, label = picture_of(request, uploaded, tick)
    model = load_model(request.a, best_device())
    with torch.no_grad():
        said = model(x.to(best_device())).argmax(1)
    labels = said if label < 0 else torch.full_like(said, label)
    reason = too_large(name, model, DATA[request.data].facts["shape"])
    return prove(
        name, model, x, labels, request.norm, top(request), said=said, reason=reason, seed=request.seed, tick=tick
    )


def gather(request: Request, found: Mapping[Any, Any]) -> Proofs | None:
    """Return what is there of both models; None where that is nothing of one of them."""
    there = {
        model: {name: found[one] for name in asked(request) if (one := piece(request, name, model)) in found}
        for model in both(request)
    }
    if not all(there.values()):
        return None
    missing = len(asked(request)) * len(there) - sum(map(len, there.values()))
    return Proofs(there, request.norm, top(request), missing)
