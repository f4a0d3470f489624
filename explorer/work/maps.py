"""The view "maps" of the Saliency page: one picture through one or two methods, on model A and on model B."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import best_device
from explorer.core.progress import Tick, part
from explorer.core.results import Look, Looks
from explorer.models.zoo import load_model
from explorer.work.explain import explain
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default

PICTURE = ("data_knobs", "index", "upload", "label", "a", "b", "seed")
MAP = ("method", "method_knobs", "explained", "against")


def pieces(request: Request) -> list[Request]:
    """Return a request for each method: with what its maps do not hang on at its usual value."""
    first = plain(request, "maps", *PICTURE, *MAP)
    if not request.second:
        return [first]
    return [first, first.with_(method=request.second, method_knobs=request.second_knobs)]


def plain(request: Request, view: str, *kept: str) -> Request:
    """Return a view at its usual choices, but for the score and the fields that are kept."""
    usual = default(request.data, page=request.page, method=request.method)
    choices = dict(usual.choices) | {"view": view, "score": dict(request.choices)["score"]}
    return usual.with_(choices=tuple(sorted(choices.items())), **{name: getattr(request, name) for name in kept})


def look(request: Request, uploaded: bytes | None, tick: Tick) -> Look:
    """Return the maps of a request's picture on both models.

    Where nobody said what the picture shows, both are asked about what model A sees in it.
    """
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    x = x.to(device)
    models = [load_model(name, device) for name in (request.a, request.b)]
    return looked(request, models, x, label, tick)[0]


def looked(request: Request, models: Sequence[nn.Module], x: Tensor, label: int, tick: Tick) -> tuple[Look, Tensor]:
    """Return the maps of a picture `x` (1, ...) on both models, and the class (1,) that they are asked about."""
    with torch.no_grad():
        y = torch.tensor([label], device=x.device) if label >= 0 else models[0](x).argmax(1)
    a, b = (explain(request, model, x, y, part(tick, i, 1, 2)) for i, model in enumerate(models))
    return Look(label, x.cpu().numpy(), a, b), y


def gather(request: Request, found: Mapping[Any, Any]) -> Looks | None:
    """Return the maps of each method, by its name; None where the first has none yet."""
    looks = {asked.method: found[asked] for asked in pieces(request) if asked in found}
    return Looks(looks) if request.method in looks else None
