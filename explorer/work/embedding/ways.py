"""An attack's way through both models' maps: of the chosen picture, step by step."""

import numpy as np
import torch
from torch import nn

from explorer.core.device import best_device
from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, part
from explorer.core.results import AttackResult, Refused, Steps, Traced
from explorer.models.zoo import load_model
from explorer.work.embedding.attacked import number, points
from explorer.work.embedding.spaces import UMAP, Spaced, fitted, map_of, space_of
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default
from explorer.work.strike import strike

KEPT = ("data_knobs", "index", "upload", "label", "a", "b", "attack", "knobs", "norm", "eps", "seed")


def plain(request: Request) -> Request:
    """Return the request of a way: with what that does not hang on at its usual value.

    The number of neighbours changes no way, but says which maps are there to lead it through.
    """
    usual, asked = default(request.data, page=request.page), dict(request.choices)
    hangs = ["space", "k", "projection", *(UMAP if asked["projection"] == "umap" else ())]
    choices = dict(usual.choices) | {name: asked[name] for name in hangs} | {"view": "map", "n": number(request)}
    return usual.with_(choices=tuple(sorted(choices.items())), **{name: getattr(request, name) for name in KEPT})


def needs(request: Request) -> list[Spaced]:
    """Return the spaces that the way leads through, the maps of which are fitted again."""
    of = map_of if dict(request.choices)["projection"] == "umap" else space_of
    return [of(request, model, number(request)) for model in (request.a, request.b)]


def trace(request: Request, uploaded: bytes | None, tick: Tick) -> Traced:
    """Return the way of a request's picture through the map of model A and through that of model B."""
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    found: list[Steps | Refused] = []
    for i, sample in enumerate(needs(request)):
        model, mine = load_model(sample.model, device), part(tick, i, 1, 2)
        attacked = strike(request, model, x.to(device), label, mine, path=True)
        try:
            found.append(_way(sample, model, attacked, None if uploaded else request.index, mine))
        except Unsuited as error:
            found.append(Refused(str(error)))
    return Traced(*found)


def _way(sample: Spaced, model: nn.Module, attacked: AttackResult, index: int | None, tick: Tick) -> Steps:
    path = attacked.path
    between = path["x"][:, 0] if path else attacked.x[:0]
    steps = [-1, *path["kept"].tolist(), len(path["logits"])] if path else [-1, 0]
    x = torch.from_numpy(np.concatenate([attacked.x, between, attacked.x_adv])).to(next(model.parameters()).device)
    with torch.no_grad():
        said = model(x).argmax(1).cpu().numpy()
    fit = fitted(sample, tick)
    places = fit.place(points(model, x, sample.space))
    if index is not None and index < len(fit.xy):
        places[0] = fit.xy[index]  # a picture that the map was fitted on has its place already
    return Steps(places, np.array(steps), said)
