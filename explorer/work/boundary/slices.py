"""The view "slices" of the Boundary page: one plane through input space as model A and model B see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import best_device, generator
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, Norm, length
from explorer.core.progress import Tick, part
from explorer.core.results import AttackResult, Distances, Section, Slice, SliceView
from explorer.data import DATA, load_data
from explorer.geometry import plane
from explorer.geometry.distances import distances
from explorer.geometry.outline import outlines
from explorer.geometry.slice import adaptive, coarse, dense
from explorer.models.zoo import load_model
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default, unit_of
from explorer.work.strike import strike

USES = {
    "attacks": ("reach",),
    "random": ("reach", "of"),
    "gradients": ("reach", "of"),
    "frequencies": ("reach", "low", "high"),
    "pictures": ("picture2", "picture3"),
}  # by plane: the choices that it hangs on
GRIDS: dict[str, Callable[..., Slice]] = {"coarse": coarse, "adaptive": adaptive, "dense": dense}
SHARES = 4  # of the work: two attacks, two slices


def pieces(request: Request) -> list[Request]:
    """Return the requests of the plane's coarse look, and of the chosen one: with what it does not hang on as usual."""
    usual, chosen = default(request.data, page=request.page), dict(request.choices)
    pictures = len(DATA[request.data].facts["shape"]) == 3
    named = "attacks" if not pictures else str(chosen["plane"])  # points live in the plane that they are cut from
    kept = {"view": "slices", "plane": named} | ({name: chosen[name] for name in USES[named]} if pictures else {})
    grids = dict.fromkeys(("coarse", chosen["grid"]))
    return [
        request.with_(choices=tuple(sorted((dict(usual.choices) | kept | {"grid": grid}).items()))) for grid in grids
    ]


def gather(request: Request, found: Mapping[Any, Any]) -> SliceView | None:
    """Return the finest look that is there; None where there is none."""
    return next((found[one] for one in reversed(pieces(request)) if one in found), None)


@dataclass(frozen=True, eq=False)
class _Desk:
    """What a plane is laid from."""

    request: Request
    x: Tensor
    label: int
    models: tuple[nn.Module, nn.Module]
    tick: Tick

    @property
    def choices(self) -> dict[str, Any]:
        return dict(self.request.choices)

    @property
    def norm(self) -> Norm:
        """The axes' unit: the budget's norm, or l2 where a length in that is none."""
        return self.request.norm if self.request.norm in CONVEX else "l2"

    @property
    def reach(self) -> float:
        """How far the plane is shown around the picture, in the axes' norm."""
        facts, request = DATA[self.request.data].facts, self.request
        eps = request.eps if request.norm == self.norm else facts["eps"][self.norm]
        return float(self.choices["reach"] * max(eps, 1) / unit_of(request.data, self.norm))

    @property
    def chosen(self) -> int:
        """The model whose attack or gradient a plane is laid along."""
        return "ab".index(self.choices["of"])

    @property
    def rng(self) -> torch.Generator:
        return generator(self.request.seed)

    @cached_property
    def attacked(self) -> tuple[AttackResult, AttackResult]:
        """The request's attack on both models."""
        a, b = (
            strike(self.request, model, self.x[None], self.label, part(self.tick, i, 1, SHARES), path=True)
            for i, model in enumerate(self.models)
        )
        return a, b

    @property
    def ends(self) -> list[Tensor]:
        """What the attack makes of the picture on each model."""
        return [torch.from_numpy(found.x_adv[0]).to(self.x) for found in self.attacked]


def sliced(request: Request, uploaded: bytes | None, tick: Tick) -> SliceView:
    """Return the plane of a request, and what both models say on it.

    Raises `UserError` for pictures that are not there, and for frequencies that a picture does not have.
    """
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    a, b = (load_model(name, device) for name in (request.a, request.b))
    desk = _Desk(request, x[0].to(device), label, (a, b), tick)
    section = _section(desk)
    ask = GRIDS[desk.choices["grid"]]
    sides = [compact(ask(model, section, tick=part(tick, 2 + i, 1, SHARES))) for i, model in enumerate(desk.models)]
    budget = None if request.norm not in CONVEX else outlines(section, request.norm, request.threat.eps)
    ahead_a, ahead_b = (_ahead(model, desk.x, section) for model in desk.models)
    return SliceView(label, sides[0], sides[1], budget, ahead_a, ahead_b)


def compact(found: Slice) -> Slice:
    """Return a slice with its numbers in half the bytes or less: three digits of margin and confidence."""
    half = {name: getattr(found, name).astype(np.float16) for name in ("margin", "confidence")}
    return replace(found, labels=found.labels.astype(np.uint8), **half)


def _section(desk: _Desk) -> Section:
    """Return the plane that is asked for; of points, the one they live in."""
    if desk.x.ndim == 1:
        ends = {f"attack on {name}": end for name, end in zip("AB", desk.ends, strict=True)}
        return plane.whole(desk.x, desk.norm, ends)
    return PLANES[desk.choices["plane"]](desk)


def _attacks(desk: _Desk) -> Section:
    a, b = desk.ends
    return plane.between_attacks(desk.x, a, b, desk.norm, reach=desk.reach, rng=desk.rng)


def _random(desk: _Desk) -> Section:
    return plane.attack_and_random(desk.x, desk.ends[desk.chosen], desk.norm, reach=desk.reach, rng=desk.rng)


def _gradients(desk: _Desk) -> Section:
    model = desk.models[desk.chosen]
    with torch.no_grad():
        label = desk.label if desk.label >= 0 else int(model(desk.x[None]).argmax())
    return plane.gradients(model, desk.x, label, desk.norm, reach=desk.reach, rng=desk.rng)


def _frequencies(desk: _Desk) -> Section:
    highest = min(desk.x.shape[1:]) - 1
    low, high = (round(highest * desk.choices[name] / 100) for name in ("low", "high"))
    return plane.frequencies(desk.x, low, high, desk.norm, reach=desk.reach, rng=desk.rng)


def _pictures(desk: _Desk) -> Section:
    request, knobs = desk.request, dict[str, Any](desk.request.data_knobs)
    data = load_data(request.data, "test", tick=desk.tick, **knobs)
    places = companions(request, data.y.tolist(), desk.label)
    names = ("picture", *(f"picture {place}" for place in places))
    pictures = torch.stack([desk.x, *(data.x[place].to(desk.x) for place in places)])
    return plane.through(pictures, desk.norm, rng=desk.rng, names=names)


def companions(request: Request, labels: list[int], label: int) -> tuple[int, int]:
    """Return the places of the second and third picture, each chosen or the next of a class that is not there yet.

    labels : the test set's classes; label : the first picture's, -1 where nobody said it
    """
    found: list[int] = []
    for name in ("picture2", "picture3"):
        place = int(dict(request.choices)[name])
        if place >= len(labels):
            raise UserError(f"{name} = {place} is not a picture of the test set: it has {len(labels):,}, 0 the first.")
        taken = {label, *(labels[one] for one in found)}
        others = (one % len(labels) for one in range(request.index + 1, request.index + len(labels)))
        found.append(place if place >= 0 else next((one for one in others if labels[one] not in taken), request.index))
    if found[0] == found[1] or (not request.upload and request.index in found):
        raise UserError(f"A plane needs three different pictures, and these are {[request.index, *found]}.")
    return found[0], found[1]


PLANES: dict[str, Callable[[_Desk], Section]] = {
    "attacks": _attacks,
    "random": _random,
    "gradients": _gradients,
    "frequencies": _frequencies,
    "pictures": _pictures,
}


def _ahead(model: nn.Module, x: Tensor, section: Section) -> Distances:
    """Return how far the boundary is from the picture along both axes, both ways."""
    axes = [torch.from_numpy(axis).to(x) for axis in (section.across, section.up)]
    sizes = [float(length(axis[None], "l2")) for axis in axes]
    ways = torch.stack([sign * axis / size for axis, size in zip(axes, sizes, strict=True) for sign in (1, -1)])
    reach = float(np.abs(section.window.reshape(2, 2) * np.array(sizes)[:, None]).max())
    return distances(model, x[None], lambda *_: ways[None], "axes", reach=reach)
