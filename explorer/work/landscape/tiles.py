"""Tiles of a loss surface: some points of one grid, one model, one kind of loss. A task each."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import best_device
from explorer.core.norms import Norm
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Losses, Perturbed, Ways
from explorer.core.types import Threat
from explorer.data import DATA, load_data
from explorer.landscapes.directions import Direction, between, direction_rng, gradient, random, sized
from explorer.landscapes.grids import grid, looks
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products
from explorer.landscapes.surface import Climb, Statistics, attacked, surface
from explorer.models.zoo import load_model
from explorer.work.landscape.descents import plane
from explorer.work.request import Request, unit_of
from explorer.work.sample import Sample, kept

TILE, PERTURBED, SHARPEST = "patch", "perturbed", "sharpest"
SIDE = 101  # points each way of the grid that all meshes are of
EVERY = {11: 10, 26: 4, 51: 2, 101: 1}  # mesh -> every how many of them it has
LOOKS = looks(SIDE, tuple(EVERY.values()))
STEEP = 0.05  # of a random direction's length: that of one along which the loss is steep
ALONG = 2.5  # budgets that the steps of an attack reach in all, as Madry et al. have it


@dataclass(frozen=True, slots=True)
class Climbed(Sample):
    """Pictures 0 to `stop` under attack at a model's trained weights.

    norm, eps : the budget, in the data's unit, and `climbs` the steps of the attack; "", 0 and 0 where there is none
    statistics : batch norm's, "kept" or "measured"
    """

    norm: str = ""
    eps: int = 0
    climbs: int = 0
    statistics: Statistics = "kept"

    @property
    def climb(self) -> Climb:
        """The attack, whose random start hangs on the seed."""
        norm: Norm = self.norm  # type: ignore[assignment]  # checked with the request
        threat = Threat(norm, self.eps / unit_of(self.data, norm))
        return Climb(threat, self.climbs, min(1.0, ALONG / self.climbs), self.seed)

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: {self.stop} pictures of {self.data} on {self.model}"


@dataclass(frozen=True, slots=True)
class Tile(Climbed):
    """The losses at the points `first` to `last` of those that a look adds, looks coarse first.

    loss : "clean", "kept" or "anew"; the plane is laid along `ways`, from the seed, as far as `reach`
    other : the model that is at 1 across, where the plane is laid between models
    """

    loss: str = "clean"
    ways: str = "random"
    reach: float = 1.0
    look: int = 0
    first: int = 0
    last: int = 0

    @property
    def places(self) -> Array:
        """Where its points are in the grid of `SIDE` points each way, (M,) int64."""
        return LOOKS[self.look][self.first : self.last]

    @property
    def needs(self) -> tuple[Sample, ...]:
        """The pictures under attack, where perturbations are kept, and the eigenvectors that weights move along."""
        here = ("data", "data_knobs", "model", "start", "stop", "seed")
        attack = ("norm", "eps", "climbs", "statistics")
        shared, climbed = ({name: getattr(self, name) for name in names} for names in (here, (*here, *attack)))
        kept_ = (Climbed(PERTURBED, **climbed),) if self.loss == "kept" else ()
        return (*kept_, *((Sample(SHARPEST, **shared),) if self.ways == "hessian" else ()))

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.loss} loss at points {self.first} to {self.last} of look {self.look}: {Climbed.address(self)}"


@dataclass(frozen=True, slots=True)
class Strip(Tile):
    """A tile on the plane of the recorded path of its model's training. path : its digest."""

    path: str = ""


def count(request: Request) -> int:
    """Return of how many pictures the chosen numbers are."""
    return min(int(dict(request.choices)["n"]), int(DATA[request.data].facts["sizes"]["test"]))


def tile(sample: Sample, tick: Tick = silent) -> Losses:
    """Return the losses at a tile's points."""
    if not isinstance(sample, Tile):
        raise TypeError("a tile is computed of a tile")
    model, x, y = _case(sample, tick)
    early = len(sample.needs)  # each about as long as a fourth of the tile, if it is not there
    first, second = _directions(sample, model, x, y, part(tick, 0, 1, early + 4))
    shown = x
    if sample.loss == "kept":
        found: Perturbed = kept(sample.needs[0], perturbed, part(tick, early - 1, 1, early + 4))
        shown = torch.from_numpy(found.x_adv.copy())
    return surface(
        model,
        shown,
        y,
        first,
        second,
        grid(SIDE, sample.reach)[sample.places],
        climb=sample.climb if sample.loss == "anew" else None,
        statistics=sample.statistics,
        crowd=x,
        tick=part(tick, early, 4, early + 4),
    )


def sharpest(sample: Sample, tick: Tick = silent) -> Ways:
    """Return the eigenvectors of the two largest eigenvalues of the clean loss's Hessian, unit vectors."""
    model, x, y = _case(sample, tick)
    _, (first, second) = leading(Products(model, x, y), 2, seed=sample.seed, tick=tick)
    return Ways(*({name: d.cpu().numpy() for name, d in way.items()} for way in (first, second)))


def _directions(sample: Tile, model: nn.Module, x: Tensor, y: Tensor, tick: Tick) -> tuple[Direction, Direction]:
    """Return what a tile's plane is laid along."""
    rng = direction_rng(sample.seed)
    if sample.ways == "random":
        return random(model, rng), random(model, rng)
    if sample.ways == "gradient":
        return _shorter(gradient(model, x, y)), random(model, rng)
    if sample.ways == "path":
        return plane(sample.model, model)[0]
    if sample.ways == "models":
        return between(model, load_model(sample.other, best_device())), random(model, rng)
    found: Ways = kept(sample.needs[-1], sharpest, tick)
    places = dict(model.named_parameters())
    first, second = (
        sized({name: torch.from_numpy(d.copy()).to(places[name]) for name, d in way.items()}, model)
        for way in (found.first, found.second)
    )
    return _shorter(first), _shorter(second)


def _shorter(way: Direction) -> Direction:
    """Return a direction in which the loss bends much at a twentieth of its length: it is steep long before."""
    return {name: STEEP * d for name, d in way.items()}


def perturbed(sample: Sample, tick: Tick = silent) -> Perturbed:
    """Return a sample's pictures under attack."""
    if not isinstance(sample, Climbed):
        raise TypeError("pictures are attacked as a sample says that knows a budget")
    model, x, y = _case(sample, tick)
    x_adv = attacked(model, x, y, sample.climb, statistics=sample.statistics, crowd=x, tick=tick)
    return Perturbed(x_adv.cpu().numpy())


def _case(sample: Sample, tick: Tick) -> tuple[nn.Module, Tensor, Tensor]:
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data = load_data(sample.data, "test", tick=tick, **knobs)
    return load_model(sample.model, best_device()), data.x[: sample.stop], data.y[: sample.stop]
