"""The planes that the view "slices" can lay through a picture, and what each is laid from."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, Norm
from explorer.core.progress import Tick, part
from explorer.core.results import AttackResult, Section
from explorer.data import DATA, load_data
from explorer.geometry import plane
from explorer.work.request import Request, unit_of
from explorer.work.strike import strike

USES = {
    "attacks": ("reach",),
    "random": ("reach", "of"),
    "gradients": ("reach", "of"),
    "frequencies": ("reach", "low", "high"),
    "pictures": ("picture2", "picture3"),
}  # by plane: the choices that it hangs on
ATTACKED = ("attacks", "random")  # planes that are laid along what attacks made
SUITS = {"attacks": 3.0, "random": 3.0, "gradients": 3.0, "frequencies": 10.0}  # budgets that a plane shows by itself
SHARES = 5  # of the work: two attacks, two slices, and what lies near by
KEPT = 8  # attacks on a picture, for the planes that are laid along them one after the other
_struck: OrderedDict[str, tuple[AttackResult, AttackResult]] = OrderedDict()  # by the Attack page's key


def reach_of(name: str, choices: Mapping[str, Any]) -> float:
    """Return how far a plane is shown around its picture, in budgets: as chosen, or as suits the plane."""
    return float(choices["reach"] or SUITS[name])


@dataclass(frozen=True, eq=False)
class Desk:
    """What a plane is laid from: a picture x (...), its class or -1, both models."""

    request: Request
    x: Tensor
    label: int
    models: tuple[nn.Module, nn.Module]
    tick: Tick

    @property
    def choices(self) -> dict[str, Any]:
        """The page's own choices."""
        return dict(self.request.choices)

    @property
    def norm(self) -> Norm:
        """The axes' unit: the budget's norm, or l2 where that measures no axis."""
        return self.request.norm if self.request.norm in CONVEX else "l2"

    @property
    def reach(self) -> float:
        """How far the plane is shown around the picture, in the axes' norm."""
        facts, request = DATA[self.request.data].facts, self.request
        eps = request.eps if request.norm == self.norm else facts["eps"][self.norm]
        return reach_of(self.choices["plane"], self.choices) * max(eps, 1) / unit_of(request.data, self.norm)

    @property
    def chosen(self) -> int:
        """The model whose attack or gradient a plane is laid along."""
        return "ab".index(self.choices["of"])

    @property
    def rng(self) -> torch.Generator:
        """A generator that begins with the request's seed."""
        return generator(self.request.seed)

    @property
    def attacked(self) -> tuple[AttackResult, AttackResult]:
        """The request's attack on both models; the last ones are kept, as a plane is asked for coarse, then fine."""
        key = self.request.on("attack").key
        if key not in _struck:
            a, b = (
                strike(self.request, model, self.x[None], self.label, part(self.tick, i, 1, SHARES), path=True)
                for i, model in enumerate(self.models)
            )
            _struck[key] = a, b
        _struck.move_to_end(key)
        while len(_struck) > KEPT:
            _struck.popitem(last=False)
        return _struck[key]

    @property
    def ends(self) -> list[Tensor]:
        """What the attack makes of the picture on each model."""
        return [torch.from_numpy(found.x_adv[0]).to(self.x) for found in self.attacked]


def lay(desk: Desk) -> Section:
    """Return the plane that is asked for; of points, the one they live in.

    Raises `UserError` for pictures that are not there, and for frequencies that a picture does not have.
    """
    if desk.x.ndim == 1:
        ends = {f"attack on {name}": end for name, end in zip("AB", desk.ends, strict=True)}
        return plane.whole(desk.x, desk.norm, ends)
    return PLANES[desk.choices["plane"]](desk)


def _attacks(desk: Desk) -> Section:
    a, b = desk.ends
    return plane.between_attacks(desk.x, a, b, desk.norm, reach=desk.reach, rng=desk.rng)


def _random(desk: Desk) -> Section:
    end, name = desk.ends[desk.chosen], f"attack on {'AB'[desk.chosen]}"
    return plane.attack_and_random(desk.x, end, desk.norm, reach=desk.reach, rng=desk.rng, name=name)


def _gradients(desk: Desk) -> Section:
    model, name = desk.models[desk.chosen], f"the margin of {'AB'[desk.chosen]}"
    with torch.no_grad():
        label = int(model(desk.x[None]).argmax())  # the boundary is that of the answer, right or wrong
    return plane.gradients(model, desk.x, label, desk.norm, reach=desk.reach, rng=desk.rng, name=name)


def _frequencies(desk: Desk) -> Section:
    highest = min(desk.x.shape[1:]) - 1
    low, high = (round(highest * desk.choices[name] / 100) for name in ("low", "high"))
    return plane.frequencies(desk.x, low, high, desk.norm, reach=desk.reach, rng=desk.rng)


def _pictures(desk: Desk) -> Section:
    request, knobs = desk.request, dict[str, Any](desk.request.data_knobs)
    data = load_data(request.data, "test", tick=desk.tick, **knobs)
    places = companions(request, data.y.tolist(), desk.label)
    names = ("picture", *(f"picture {place}" for place in places))
    pictures = torch.stack([desk.x, *(data.x[place].to(desk.x) for place in places)])
    return plane.through(pictures, desk.norm, rng=desk.rng, names=names)


PLANES: dict[str, Callable[[Desk], Section]] = {
    "attacks": _attacks,
    "random": _random,
    "gradients": _gradients,
    "frequencies": _frequencies,
    "pictures": _pictures,
}


def companions(request: Request, labels: list[int], label: int) -> tuple[int, int]:
    """Return the places of the second and third picture: as chosen, or the next of a class that is not there yet.

    labels : the test set's classes; label : the first picture's, -1 where nobody said it

    Raises `UserError` for places beyond the test set, and for pictures that are not three.
    """
    chosen = {name: int(dict(request.choices)[name]) for name in ("picture2", "picture3")}
    for name, place in chosen.items():
        if place >= len(labels):
            raise UserError(f"{name} = {place} is not in the test set, whose last picture is {len(labels) - 1}.")
    taken = {label, *(labels[place] for place in chosen.values() if place >= 0)}
    found: list[int] = []
    for place in chosen.values():
        others = (one % len(labels) for one in range(request.index + 1, request.index + len(labels)))
        found.append(place if place >= 0 else next((one for one in others if labels[one] not in taken), request.index))
        taken.add(labels[found[-1]])
    if found[0] == found[1] or (not request.upload and request.index in found):
        raise UserError(
            f"A plane needs three different pictures, and these are {request.index}, {found[0]}, {found[1]}."
        )
    return found[0], found[1]
