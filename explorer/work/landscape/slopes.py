"""The view "slopes" of the Landscape page: whether losses rise as their gradients say, of many pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Bends, Rays, Slopes
from explorer.core.types import Threat
from explorer.data import DATA, load_data
from explorer.landscapes.inputs import along_sign, straight, turning
from explorer.landscapes.surface import Climb, attacked
from explorer.models.zoo import load_model
from explorer.work.landscape.tiles import ALONG, count
from explorer.work.request import Request, unit_of
from explorer.work.sample import Sample, joined

SLOPES, SIZE = "slopes", 100  # pictures in a piece
STEPS, BEYOND = 21, 2.0  # places on each ray, the picture itself the first; how far, in budgets
WAY = 6  # places on the way to the attack's end


@dataclass(frozen=True, slots=True)
class Sloping(Sample):
    """A sample whose losses are followed along gradients; eps : the budget in linf; climbs : the attack's steps.

    other : the model whose gradient is followed beside `model`'s own; "" for none other
    """

    eps: int = 0
    climbs: int = 0


def pieces(request: Request) -> list[Sloping]:
    """Return what is to be computed, the first pictures of both models first.

    Raises `UserError` for a budget of 0.
    """
    if reason := refusal(request):
        raise UserError(reason)
    rows = [_cut(request, *two) for two in dict.fromkeys(((request.a, request.b), (request.b, request.a)))]
    return list(chain.from_iterable(zip(*rows, strict=True)))


def refusal(request: Request) -> str:
    """Return in a sentence why there is no step to follow, or ""."""
    return "" if eps_of(request) else "Gradients are followed as far as the budget: choose one above 0."


def eps_of(request: Request) -> int:
    """Return the budget in linf: the request's, or the data set's usual one where that is in another norm."""
    return request.eps if request.norm == "linf" else int(DATA[request.data].facts["eps"]["linf"])


def sloping(sample: Sample, tick: Tick = silent) -> Slopes:
    """Return how the loss of a sample's pictures goes along gradients."""
    if not isinstance(sample, Sloping):
        raise TypeError("slopes are those of a sample that knows a budget")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data = load_data(sample.data, "test", tick=tick, **knobs)
    x, y = data.x[sample.start : sample.stop], data.y[sample.start : sample.stop]
    model = load_model(sample.model, best_device())
    eps = sample.eps / unit_of(sample.data, "linf")
    steps = np.linspace(0, BEYOND * eps, STEPS)
    own = along_sign(model, x, y, steps, tick=part(tick, 0, 1, 4))
    other = own
    if sample.other:
        other = along_sign(model, x, y, steps, guide=load_model(sample.other, best_device()), tick=part(tick, 1, 1, 4))
    climb = Climb(Threat("linf", eps), sample.climbs, min(1.0, ALONG / sample.climbs), sample.seed + sample.start)
    x_adv = attacked(model, x, y, climb, tick=part(tick, 2, 1, 4))
    turns = turning(model, y, straight(x, x_adv.to(x), WAY), tick=part(tick, 3, 1, 4))
    return Slopes(own, other, turns)


def gather(request: Request, found: Mapping[Any, Any]) -> Bends | None:
    """Return both models' slopes of the pictures that are there for both; None where none are."""
    pairs = dict.fromkeys(((request.a, request.b), (request.b, request.a)))
    rows = list(zip(*(_cut(request, *two) for two in pairs), strict=True))
    there = [row for row in rows if all(one in found for one in row)]
    if not there:
        return None
    models = {column[0].model: _whole([found[one] for one in column]) for column in zip(*there, strict=True)}
    return Bends(models, eps_of(request) / unit_of(request.data, "linf"))


def _whole(parts: list[Slopes]) -> Slopes:
    """Return several samples' slopes as one."""
    own, other = (_ray([getattr(part, name) for part in parts]) for name in ("own", "other"))
    return Slopes(own, other, joined([part.turns for part in parts]))


def _ray(parts: list[Rays]) -> Rays:
    """Return several samples' rays as one; the steps are the same in all."""
    names = ("loss", "start", "slope", "right")
    return Rays(parts[0].steps, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _cut(request: Request, model: str, other: str) -> list[Sloping]:
    chosen = dict(request.choices)
    n = count(request)
    shared: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model}
    shared |= {"seed": request.seed, "eps": eps_of(request), "climbs": int(chosen["climbs"])}
    shared |= {"other": other if other != model else ""}
    return [Sloping(SLOPES, start=at, stop=min(at + SIZE, n), **shared) for at in range(0, n, SIZE)]
