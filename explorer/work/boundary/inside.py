"""The view "inside" of the Boundary page: what is wrong in balls around pictures, beside what an attack finds there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import torch

from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, Norm
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Inside, Insides, Judged
from explorer.data import DATA, load_data
from explorer.geometry.inside import inside
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import PICTURE, both, count, many, usual
from explorer.work.inputs import picture_of
from explorer.work.judge import rising
from explorer.work.piece import Piece, cut
from explorer.work.request import Request, unit_of
from explorer.work.robustness import joined as judged
from explorer.work.sample import Sample

SIZE = 25  # pictures in a sample
BELOW, ABOVE = (1 / 8, 1 / 4, 1 / 2), 9  # radii in budgets; how many from the budget to the one that holds the box
ATTACK = ("norm", "eps", "attack", "knobs")


@dataclass(frozen=True, slots=True)
class Balls(Sample):
    """A sample of whose pictures' surroundings something is wanted.

    radii : rising, in units of the data set; points : drawn from each ball
    """

    norm: Norm = "linf"
    radii: tuple[int, ...] = ()
    points: int = 0

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data} on {self.model}, {self.norm}"


def refusal(request: Request) -> str:
    """Return in a sentence why there is no view of the request's norm, or ""."""
    if request.norm in CONVEX:
        return ""
    return "Points are drawn from balls in ℓ∞, ℓ2 and ℓ1, and ℓ0 has none: choose another norm."


def pieces(request: Request) -> list[Request | Balls | Piece]:
    """Return what is to be computed: a request for one picture; for many samples of both models, then the attack.

    Raises `UserError` for l0.
    """
    if reason := refusal(request):
        raise UserError(reason)
    if not many(request):
        return [usual(request, "inside", (*PICTURE, *ATTACK), ("points",))]
    balls = [_cut(request, model) for model in both(request)]
    attacked = [_attacked(request, model) for model in both(request)]
    return [*chain.from_iterable(zip(*balls, strict=True)), *chain.from_iterable(zip(*attacked, strict=True))]


def radii(request: Request) -> tuple[int, ...]:
    """Return the radii in units of the data set, rising geometrically, the chosen budget among them."""
    facts = DATA[request.data].facts
    eps, size = request.eps or int(facts["eps"][request.norm]), math.prod(facts["shape"])
    whole = facts["unit"] * {"linf": 1.0, "l2": size**0.5, "l1": float(size)}[request.norm]
    ladder = (*(eps * share for share in BELOW), *np.geomspace(eps, max(whole, eps), ABOVE))
    return tuple(sorted({max(1, round(float(r))) for r in ladder}))


def around(request: Request, uploaded: bytes | None, tick: Tick) -> Insides:
    """Return what both models say around a request's picture, and the smallest radius that breaks it.

    Where nobody said what the picture shows, each model's own answer counts as right.
    """
    x, label = picture_of(request, uploaded, tick)
    place, names, device = (-1 if uploaded is not None else request.index), both(request), best_device()
    steps, unit, points = radii(request), unit_of(request.data, request.norm), int(dict(request.choices)["points"])
    x = x.to(device)
    models, broken = {}, {}
    for i, name in enumerate(names):
        model = load_model(name, device)
        with torch.no_grad():
            y = torch.tensor([label], device=device) if label >= 0 else model(x).argmax(1)
        lengths = [r / unit for r in steps]
        start, ear = max(place, 0), part(tick, 2 * i, 1, 2 * len(names))
        models[name] = inside(
            model, x, y, request.norm, lengths, count=points, seed=request.seed, start=start, tick=ear
        )
        if not request.limits:
            (piece,) = cut(request, name, 1, budgets=steps)
            broken[name] = rising(piece, model, x, y, part(tick, 2 * i + 1, 1, 2 * len(names)))
    return Insides(np.array([place]), models, broken)


def balls(sample: Sample, tick: Tick = silent) -> Inside:
    """Return what a model says around a sample's pictures."""
    if not isinstance(sample, Balls):
        raise TypeError("what is inside is that of balls")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data, rows = load_data(sample.data, "test", tick=tick, **knobs), slice(sample.start, sample.stop)
    unit = unit_of(sample.data, sample.norm)
    return inside(
        load_model(sample.model, best_device()),
        data.x[rows],
        data.y[rows],
        sample.norm,
        [r / unit for r in sample.radii],
        count=sample.points,
        seed=sample.seed,
        start=sample.start,
        tick=tick,
    )


def gather(request: Request, found: Mapping[Any, Any]) -> Insides | None:
    """Return what is inside from what is there, the attack beside it where it is there for the same pictures.

    None where a model has no sample.
    """
    if not many(request):
        (asked,) = pieces(request)
        return found.get(asked)
    cuts = {model: [one for one in _cut(request, model) if one in found] for model in both(request)}
    starts = set.intersection(*({one.start for one in some} for some in cuts.values()))
    if not starts:
        return None
    kept = {model: [one for one in some if one.start in starts] for model, some in cuts.items()}
    places = np.concatenate([np.arange(one.start, one.stop) for one in next(iter(kept.values()))])
    models = {model: _joined([found[one] for one in some]) for model, some in kept.items()}
    under = {model: _broken(request, model, places, found) for model in models}
    known = {model: one for model, one in under.items() if one is not None}
    return Insides(places, models, known if len(known) == len(models) else {})


def _joined(parts: Sequence[Inside]) -> Inside:
    """Return the pictures of some samples as one, in the same balls."""
    changed, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("changed", "labels"))
    return replace(parts[0], changed=changed, labels=labels)


def _broken(request: Request, model: str, places: Array, found: Mapping[Any, Any]) -> Judged | None:
    """Return how the pictures at some places stand under the attack; None where it is not known of all."""
    there = [piece for piece in _attacked(request, model) if piece in found]
    known = np.array([place for piece in there for place in range(piece.start, piece.stop)], np.int64)
    if not np.isin(places, known).all():
        return None
    whole, rows = judged([found[piece] for piece in there]), np.searchsorted(known, places)
    names = ("labels", "clean", "adversarial", "radius")
    return replace(whole, start=int(places[0]), **{name: getattr(whole, name)[rows] for name in names})


def _cut(request: Request, model: str) -> list[Balls]:
    n, points = count(request), int(dict(request.show)["each"])
    chosen: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model}
    chosen |= {"seed": request.seed, "norm": request.norm, "radii": radii(request), "points": points}
    return [Balls("balls", start=start, stop=min(start + SIZE, n), **chosen) for start in range(0, n, SIZE)]


def _attacked(request: Request, model: str) -> list[Piece]:
    """Return the attack's pieces; none where it has limits of its own, and so no radius."""
    steps = radii(request)
    return [] if request.limits else cut(request, model, count(request), budgets=steps)
