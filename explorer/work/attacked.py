"""The view "attacked" of the Saliency page: what an attack does to the explanation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from explorer.core.device import best_device
from explorer.core.progress import Tick, part
from explorer.core.results import MovedLook
from explorer.models.zoo import load_model
from explorer.work.explain import explain
from explorer.work.inputs import picture_of
from explorer.work.maps import MAP, PICTURE, looked, plain
from explorer.work.request import Request
from explorer.work.strike import strike

ATTACK = ("attack", "knobs", "norm", "eps", "target")


def pieces(request: Request) -> list[Request]:
    """Return the one request whose result the view is: with what that does not hang on at its usual value."""
    return [plain(request, "attacked", *PICTURE, *MAP, *ATTACK)]


def attacked(request: Request, uploaded: bytes | None, tick: Tick) -> MovedLook:
    """Return both models' maps of a request's picture, and of what the attack makes of it on each."""
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    x = x.to(device)
    models = [load_model(name, device) for name in (request.a, request.b)]
    clean, y = looked(request, models, x, label, part(tick, 0, 1, 5))
    a, b = (
        replace(strike(request, model, x, label, part(tick, 2 * i + 1, 1, 5)), stages={})
        for i, model in enumerate(models)
    )
    map_a, map_b = (
        explain(request, model, torch.from_numpy(found.x_adv).to(device), y, part(tick, 2 * i + 2, 1, 5), clean=x)
        for i, (model, found) in enumerate(zip(models, (a, b), strict=True))
    )
    return MovedLook(clean, a, b, map_a, map_b)


def gather(request: Request, found: Mapping[Any, Any]) -> MovedLook | None:
    """Return what the attack does; None where it is not there yet."""
    (asked,) = pieces(request)
    return found.get(asked)
