"""The view "local" of the Boundary page: which way the boundary faces near many pictures, and how it bends there."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import best_device
from explorer.core.norms import CONVEX
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Compared, Linearity, Locality, Nearby, Spectrum
from explorer.data import DATA, load_data
from explorer.geometry.centred import live
from explorer.geometry.curvature import curvature
from explorer.geometry.likeness import compare
from explorer.geometry.linearity import linearity
from explorer.geometry.normals import normals
from explorer.models.zoo import load_model
from explorer.work.request import Request, unit_of
from explorer.work.sample import Sample, joined, kept

SIZE, MOST = 50, 1000  # pictures in a piece, and at all: of pairs there are half a million then
NEARBY, LINEAR = "nearest", "linear"  # what a piece asks: of the boundary, of the loss
COMPARED = f"{NEARBY} two by two"  # and of every two of the pictures, by what the boundary is near them
FIRST = (SIZE, 5 * SIZE)  # how many pictures are compared while others are on their way
PAIRED = ("cosines", "spectrum")  # facets that are about pairs of pictures alone
SHARED = ("data", "data_knobs", "seed")  # with the request
ASKS = {
    "summary": (NEARBY, COMPARED, LINEAR),
    "cosines": (NEARBY, COMPARED),
    "spectrum": (NEARBY, COMPARED),
    "curvature": (NEARBY,),
    "linearity": (LINEAR,),
}  # by facet


@dataclass(frozen=True, slots=True)
class Spot(Sample):
    """A sample whose surroundings are looked at; norm, eps : the budget within which a loss is, in the data's unit."""

    norm: str = ""
    eps: int = 0


@dataclass(frozen=True, slots=True)
class Paired(Sample):
    """A sample of which every two pictures are compared, through `model` and, where there are two, `other`."""

    @property
    def needs(self) -> tuple[Spot, ...]:
        """The pieces that it is made of."""
        shared = {name: getattr(self, name) for name in SHARED}
        return tuple(spot for model in self.models for spot in _cut(NEARBY, model, self.stop, **shared))

    @property
    def models(self) -> tuple[str, ...]:
        """Whose boundaries are compared."""
        return (self.model, self.other) if self.other else (self.model,)


def pieces(request: Request) -> list[Sample]:
    """Return what is to be computed, the first pictures of both models first; what a budget does not allow is left out.

    Linearity is within a budget that is a ball, and no point. Pictures are compared as soon as there are some.
    """
    asked = [page for page in ASKS[facet(request)] if page != LINEAR or bounded(request)]
    found: list[Sample] = []
    for page in (NEARBY, LINEAR):
        for spots in _rows(request, page) if page in asked else ():
            found += spots
            if page == NEARBY and COMPARED in asked:
                found += [pairs for pairs in _compared(request) if pairs.stop == spots[0].stop]
    return found


def facet(request: Request) -> str:
    """Return what of the local geometry is shown."""
    return str(dict(request.show)["facet"])


def bounded(request: Request) -> bool:
    """Return whether linearity can be measured within the request's budget."""
    return request.norm in CONVEX and request.eps > 0


def nearby(sample: Sample, tick: Tick = silent) -> Nearby:
    """Return the boundary near a sample's pictures."""
    model, x, _ = _case(sample, tick)
    found, at = normals(model, x, seed=sample.seed, tick=part(tick, 0, 1, 2))
    labels, reached = (torch.from_numpy(classes) for classes in (found.labels, found.reached))
    draws = {"seed": sample.seed, "start": sample.start}
    return Nearby(found, curvature(model, at, labels, reached, **draws, tick=part(tick, 1, 1, 2)))


def linear(sample: Sample, tick: Tick = silent) -> Linearity:
    """Return how linear the loss is around a sample's pictures."""
    if not isinstance(sample, Spot):
        raise TypeError("linearity is that of a spot")
    model, x, y = _case(sample, tick)
    norm: Any = sample.norm
    eps = sample.eps / unit_of(sample.data, norm)
    return linearity(model, x, y, norm, eps, seed=sample.seed, start=sample.start, tick=tick)


def compared(sample: Sample, tick: Tick = silent) -> Compared:
    """Return what lies between every two of a sample's pictures: the long part of what is shown of them."""
    if not isinstance(sample, Paired):
        raise TypeError("compared are pairs")
    steps = len(sample.needs)
    near: dict[str, list[Nearby]] = {}
    for done, spot in enumerate(sample.needs):
        near.setdefault(spot.model, []).append(kept(spot, nearby, part(tick, done, 1, steps + 1)))
    x, y = _pictures(sample, tick)
    normals_, n = {model: joined(parts).normals for model, parts in near.items()}, sample.stop
    return compare(
        normals_, x[:n], y[:n].numpy(), live(x[:MOST]), seed=sample.seed, tick=part(tick, steps, 1, steps + 1)
    )


def gather(request: Request, found: Mapping[Any, Any]) -> Locality | None:
    """Return both models near the pictures whose pieces are there for both; None where nothing is to be shown of them.

    Pictures are compared as far as that is there. Of a facet that is about nothing else there is nothing before.
    """
    near, loss = (_joined(request, page, found) for page in (NEARBY, LINEAR))
    pairs = next((found[one] for one in reversed(_compared(request)) if one in found), None) if near else None
    if not (near or loss) or (pairs is None and facet(request) in PAIRED):
        return None
    _, y = _pictures(request)
    rows = _places(request, NEARBY if near else LINEAR, found)
    shown = pairs or Compared(
        np.zeros((0, 0), bool), np.zeros(0, bool), {}, {}, {}, {}, Spectrum(np.empty(0, np.float32))
    )
    between = {one.name: getattr(shown, one.name) for one in fields(shown)}
    return Locality(
        y=y[rows].numpy(),
        places=_places(request, NEARBY, found).numpy(),
        lossy=_places(request, LINEAR, found).numpy(),
        models=near,
        linear=loss,
        **between,
    )


def _models(request: Request) -> tuple[str, ...]:
    return tuple(dict.fromkeys((request.a, request.b)))


def _count(request: Request) -> int:
    most: int = DATA[request.data].facts["sizes"]["test"]
    return min(int(dict(request.show)["pictures"]), MOST, most)


def _cut(page: str, model: str, n: int, **shared: Any) -> list[Spot]:
    """Return the samples of the first n pictures."""
    return [Spot(page, model=model, start=at, stop=min(at + SIZE, n), **shared) for at in range(0, n, SIZE)]


def _rows(request: Request, page: str) -> list[tuple[Spot, ...]]:
    """Return the samples of both models, those of the same pictures together; a model that is both is asked once."""
    within: dict[str, Any] = {"norm": request.norm, "eps": request.eps} if page == LINEAR else {}
    shared = {name: getattr(request, name) for name in SHARED}
    return list(zip(*(_cut(page, one, _count(request), **shared, **within) for one in _models(request)), strict=True))


def _compared(request: Request) -> list[Paired]:
    """Return what compares the first pictures, and all, the fewest first."""
    model, *other = _models(request)
    shared: dict[str, Any] = {name: getattr(request, name) for name in SHARED} | {"other": "".join(other)}
    sizes = dict.fromkeys(min(n, _count(request)) for n in (*FIRST, MOST))
    return [Paired(COMPARED, model=model, start=0, stop=n, **shared) for n in sizes]


def _there(request: Request, page: str, found: Mapping[Any, Any]) -> list[tuple[Spot, ...]]:
    """Return the samples of one question that are there for both models, those of the same pictures together."""
    return [spots for spots in _rows(request, page) if all(spot in found for spot in spots)]


def _joined(request: Request, page: str, found: Mapping[Any, Any]) -> dict[str, Any]:
    """Return each model's answers to one question as one."""
    columns = zip(*_there(request, page, found), strict=True)
    return {column[0].model: joined([found[spot] for spot in column]) for column in columns}


def _places(request: Request, page: str, found: Mapping[Any, Any]) -> Tensor:
    """Return the places in the test set of the pictures that are there for one question."""
    there = [torch.arange(spots[0].start, spots[0].stop) for spots in _there(request, page, found)]
    return torch.cat([torch.arange(0), *there])


def _pictures(request: Request | Sample, tick: Tick = silent) -> tuple[Tensor, Tensor]:
    knobs: dict[str, Any] = dict(request.data_knobs)
    data = load_data(request.data, "test", tick=tick, **knobs)
    return data.x, data.y


def _case(sample: Sample, tick: Tick) -> tuple[nn.Module, Tensor, Tensor]:
    x, y = (column[sample.start : sample.stop] for column in _pictures(sample, tick))
    return load_model(sample.model, best_device()), x, y
