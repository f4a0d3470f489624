"""The view "inputs" of the Landscape page: each model's loss around one picture, along its attack and a random way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import best_device, generator
from explorer.core.norms import CONVEX, Norm
from explorer.core.progress import Tick, part
from explorer.core.results import AttackResult, Section, Valley, Valleys
from explorer.data import DATA
from explorer.geometry.outline import outlines
from explorer.geometry.plane import attack_and_random
from explorer.landscapes.grids import grid
from explorer.landscapes.inputs import over_plane
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import PICTURE, usual
from explorer.work.inputs import picture_of
from explorer.work.request import Request, unit_of
from explorer.work.strike import strike

SIDE = 51  # points each way


def pieces(request: Request) -> list[Request]:
    """Return the one request that is computed, with what it does not hang on at its usual value."""
    return [usual(request, "inputs", (*PICTURE, "attack", "knobs", "norm", "eps"), ("beyond",))]


def gather(request: Request, found: Mapping[Any, Any]) -> Valleys | None:
    """Return both models' loss around the picture; None where it is not there yet."""
    (asked,) = pieces(request)
    return found.get(asked)


def around(request: Request, uploaded: bytes | None, tick: Tick) -> Valleys:
    """Return the loss of a request's picture around it, over the plane of the attack on each model and a random way."""
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    models = [load_model(name, device) for name in (request.a, request.b)]
    struck = [strike(request, model, x.to(device), label, part(tick, i, 1, 4)) for i, model in enumerate(models)]
    planes = [_plane(request, x[0], one, f"attack on {name}") for one, name in zip(struck, "AB", strict=True)]
    half = max(float(plane.window[1]) for plane in planes)
    found = [
        _valley(request, model, x, label, one, replace(plane, window=half * np.array([-1, 1, -1, 1])), ear)
        for model, one, plane, ear in zip(models, struck, planes, (part(tick, i, 1, 4) for i in (2, 3)), strict=True)
    ]
    return Valleys(*found)


def _plane(request: Request, x: Tensor, struck: AttackResult, name: str) -> Section:
    facts = DATA[request.data].facts
    norm: Norm = request.norm if request.norm in CONVEX else "l2"
    eps = request.eps if norm == request.norm else facts["eps"][norm]
    reach = float(dict(request.choices)["beyond"]) * max(eps, 1) / unit_of(request.data, norm)
    end = torch.from_numpy(struck.x_adv[0])
    return attack_and_random(x, end, norm, reach=reach, rng=generator(request.seed), name=name)


def _valley(
    request: Request, model: nn.Module, x: Tensor, label: int, struck: AttackResult, plane: Section, tick: Tick
) -> Valley:
    """Return one model's; of a picture whose class nobody said the loss is against the model's own answer."""
    against = label if label >= 0 else int(struck.logits.argmax())
    found = over_plane(model, plane, against, grid(SIDE, float(plane.window[1])), tick=tick)
    budget = outlines(plane, request.norm, request.threat.eps) if request.norm in CONVEX else None
    return Valley(plane, found, against, bool(struck.success[0]), budget)
