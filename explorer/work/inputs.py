"""The pictures that a computation starts from."""

from typing import Any

import torch
from torch import Tensor, nn

from explorer.attacks.run import takes as attack_takes
from explorer.attribution.run import takes as method_takes
from explorer.core.goals import Goal
from explorer.core.progress import Tick
from explorer.data import DATA, load_data, load_first
from explorer.data.upload import picture
from explorer.work.request import Pairs, Request

CROWD = 500  # training pictures, for an attack that learns from many
BASELINES = 200  # training pictures, for a saliency method that takes baselines from them


def picture_of(request: Request, uploaded: bytes | None, tick: Tick) -> tuple[Tensor, int]:
    """Return the picture (1, ...) of a request and its class, -1 if unknown."""
    facts = DATA[request.data].facts
    if uploaded is not None:
        label = facts["classes"].index(request.label) if request.label else -1
        return picture(uploaded, facts["shape"])[None], label
    knobs: dict[str, Any] = dict(request.data_knobs)
    data = load_data(request.data, "test", tick=tick, **knobs)
    return data.x[request.index][None], int(data.y[request.index])


def goal_of(request: Request, model: nn.Module, x: Tensor, label: int) -> Goal:
    """Return an attack's goal; for a picture of unknown class: away from what the model says of it."""
    if request.target:
        wanted = DATA[request.data].facts["classes"].index(request.target)
        return Goal(torch.tensor([wanted], device=x.device), targeted=True)
    if label < 0:
        with torch.no_grad():
            return Goal(model(x).argmax(1))
    return Goal(torch.tensor([label], device=x.device))


def crowd_of(attack: str, data: str, data_knobs: Pairs, tick: Tick) -> Tensor | None:
    """Return training pictures for an attack that learns from many; None for any other."""
    return _training(data, data_knobs, CROWD, tick) if attack_takes(attack, "crowd") else None


def baselines_of(method: str, data: str, data_knobs: Pairs, tick: Tick) -> Tensor | None:
    """Return training pictures for a saliency method that takes baselines from them; None for any other."""
    return _training(data, data_knobs, BASELINES, tick) if method_takes(method, "crowd") else None


def _training(data: str, data_knobs: Pairs, count: int, tick: Tick) -> Tensor:
    knobs: dict[str, Any] = dict(data_knobs)
    return load_first(data, "train", count, tick=tick, **knobs).x
