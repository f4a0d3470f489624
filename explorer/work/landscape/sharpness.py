"""The view "sharpness" of the Landscape page: how sharp both models' losses are in the weights, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Curvatures, Curved, Density, Perturbed, Scattered, Sharp
from explorer.data import load_data
from explorer.landscapes.ball import steepness, worst
from explorer.landscapes.density import density, trace
from explorer.landscapes.directions import direction_rng, random
from explorer.landscapes.hessian import leading
from explorer.landscapes.inputs import turning
from explorer.landscapes.products import Products
from explorer.landscapes.scattering import scattering
from explorer.models.zoo import load_model
from explorer.work.landscape.tiles import PERTURBED, Climbed, count, perturbed
from explorer.work.request import Request
from explorer.work.sample import Sample, kept

CURVED, DENSITY, SCATTERED = "hessian", "spectrum", "turned"
COUNT, DRAWS = 5, 90  # eigenvalues; products that a trace takes
SIZES, WAYS = (0.02, 0.05, 0.1), 2  # moves of the weights, in lengths of each filter; random directions
CLEAN, UNDER = "clean", "adversarial"


@dataclass(frozen=True, slots=True)
class Around(Climbed):
    """A sample around a model's trained weights; loss : "clean" or "adversarial"; ball : radius over their length."""

    loss: str = CLEAN
    ball: float = 0.0

    @property
    def needs(self) -> tuple[Sample, ...]:
        """The pictures under attack, where the loss is theirs."""
        if self.loss != UNDER:
            return ()
        same = ("data", "data_knobs", "model", "start", "stop", "seed", "norm", "eps", "climbs")
        return (Climbed(PERTURBED, **{name: getattr(self, name) for name in same}),)


def pieces(request: Request) -> list[Around]:
    """Return what is to be computed for the chosen numbers: clean losses first, both models beside each other.

    Raises `UserError` for perturbations where there are none.
    """
    if reason := refusal(request):
        raise UserError(reason)
    return [one for kind, loss in _asked(request) for one in _pair(request, kind, loss).values()]


def attackable(request: Request) -> bool:
    """Return whether there is a loss under attack in the request's norm, within a budget that is no point."""
    return request.norm in ATTACKS["pgd"].facts["norms"] and request.eps > 0


def refusal(request: Request) -> str:
    """Return in a sentence why nothing of what is shown can be computed, or ""."""
    if attackable(request) or shown(request) != "scattering":
        return ""
    return "What turns are perturbations within a budget above 0 in ℓ∞, ℓ2 or ℓ1: choose one of these."


def shown(request: Request) -> str:
    """Return which numbers are shown."""
    return str(dict(request.show)["sharp"])


def curved(sample: Sample, tick: Tick = silent) -> Curved:
    """Return the Hessian of a sample's loss, but for its density, and the worst loss in a ball."""
    if not isinstance(sample, Around):
        raise TypeError("sharpness is that around some weights")
    model, x, y = _case(sample, part(tick, 0, 1, 4))
    products = Products(model, x, y, tick=part(tick, 1, 1, 4))
    values, _ = leading(products, min(COUNT, products.weights.size), seed=sample.seed, tick=part(tick, 1, 1, 4))
    total = trace(products, count=DRAWS, seed=sample.seed, tick=part(tick, 2, 1, 4))
    ball = worst(model, x, y, sample.ball, tick=part(tick, 3, 1, 4))
    still = np.zeros(len(y), bool)
    if sample.loss == UNDER:
        still = _still(model, _case(replace(sample, loss=CLEAN), tick)[1], x, y)
    return Curved(Sharp(values, None, total), ball, still)


def spectrum(sample: Sample, tick: Tick = silent) -> Density:
    """Return how the eigenvalues of a sample's Hessian are spread."""
    model, x, y = _case(sample, part(tick, 0, 1, 10))
    return density(Products(model, x, y), seed=sample.seed, tick=part(tick, 1, 9, 10))


def scattered(sample: Sample, tick: Tick = silent) -> Scattered:
    """Return how perturbations turn as the weights move, and how fast gradients change from clean to attacked."""
    if not isinstance(sample, Around):
        raise TypeError("scattering is that around some weights")
    model, x_adv, y = _case(sample, part(tick, 0, 1, 4))
    _, x, _ = _case(replace(sample, loss=CLEAN), tick)
    rng, threat = direction_rng(sample.seed), sample.climb.threat
    ways = [random(model, rng) for _ in range(WAYS)]
    options: dict[str, Any] = {"steps": sample.climbs, "seed": sample.seed}
    turned = scattering(model, x, y, threat, ways, SIZES, **options, tick=part(tick, 1, 2, 4))
    steep = steepness(model, x, x_adv, y, sample.ball, seed=sample.seed, tick=part(tick, 3, 1, 4))
    return Scattered(turned, steep, _still(model, x, x_adv, y))


def _still(model: nn.Module, x: Tensor, x_adv: Tensor, y: Tensor) -> Array:
    """Return at which pictures the attack had no gradient to follow, (N,) bool: zero there, and where it ended."""
    sizes = [turning(model, y, end.to(y.device)[:, None]).size[:, 0] for end in (x, x_adv)]
    return np.asarray((sizes[0] == 0) & (sizes[1] == 0))


def gather(request: Request, found: Mapping[Any, Any]) -> Curvatures | None:
    """Return what is there of both models; None where that is nothing."""
    there: dict[tuple[str, str], dict[str, Any]] = {}
    for key in _asked(request):
        pair = _pair(request, *key)
        if all(one in found for one in pair.values()):
            there[key] = {model: found[one] for model, one in pair.items()}
    hessians = {loss: there[CURVED, loss] for loss in (CLEAN, UNDER) if (CURVED, loss) in there}
    for loss in hessians:
        if (DENSITY, loss) in there:
            hessians[loss] = {
                model: replace(one, sharp=replace(one.sharp, density=there[DENSITY, loss][model]))
                for model, one in hessians[loss].items()
            }
    turned = there.get((SCATTERED, UNDER), {})
    steps = int(dict(request.choices)["climbs"])
    if shown(request) == "density":
        hessians = {loss: ones for loss, ones in hessians.items() if all(one.sharp.density for one in ones.values())}
    return Curvatures(count(request), hessians, turned, steps) if hessians or turned else None


def _asked(request: Request) -> list[tuple[str, str]]:
    """Return what the chosen numbers take, as (piece, loss)."""
    losses = (CLEAN, UNDER) if attackable(request) else (CLEAN,)
    kinds = {"density": (CURVED, DENSITY), "scattering": ()}.get(shown(request), (CURVED,))
    asked = [(kind, loss) for loss in losses for kind in kinds]
    if shown(request) in ("numbers", "scattering") and attackable(request):
        asked.append((SCATTERED, UNDER))
    return asked


def _pair(request: Request, kind: str, loss: str) -> dict[str, Around]:
    """Return one kind of piece of both models, by model."""
    chosen = dict(request.choices)
    shared: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "start": 0, "seed": request.seed}
    shared |= {"stop": count(request), "loss": loss, "ball": float(chosen["ball"]) if kind != DENSITY else 0.0}
    if loss == UNDER:
        shared |= {"norm": request.norm, "eps": request.eps, "climbs": int(chosen["climbs"])}
    return {model: Around(kind, model=model, **shared) for model in dict.fromkeys((request.a, request.b))}


def _case(sample: Sample, tick: Tick) -> tuple[nn.Module, Tensor, Tensor]:
    """Return a sample's model, its pictures, under attack where its loss is, and their labels."""
    if not isinstance(sample, Around):
        raise TypeError("sharpness is that around some weights")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data = load_data(sample.data, "test", tick=tick, **knobs)
    x, y = data.x[: sample.stop], data.y[: sample.stop]
    if sample.needs:
        made: Perturbed = kept(sample.needs[0], perturbed, tick)
        x = torch.from_numpy(made.x_adv.copy())
    return load_model(sample.model, best_device()), x, y
