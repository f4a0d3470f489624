"""The view "local" of the Boundary page: which way the boundary faces near many pictures, and how it bends there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import best_device
from explorer.core.norms import CONVEX
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Linearity, Locality, Nearby
from explorer.data import DATA, load_data
from explorer.geometry import directions
from explorer.geometry.curvature import curvature
from explorer.geometry.linearity import linearity
from explorer.geometry.normals import near_pairs, normals, scattered, spectrum
from explorer.models.zoo import load_model
from explorer.work.request import Request, unit_of
from explorer.work.sample import Sample, joined

SIZE, MOST = 50, 1000  # pictures in a piece, and at all: of pairs there are half a million then
NEARBY, LINEAR = "nearest", "linear"  # what a piece asks: of the boundary, of the loss
ASKS = {
    "summary": (NEARBY, LINEAR),
    "cosines": (NEARBY,),
    "spectrum": (NEARBY,),
    "curvature": (NEARBY,),
    "linearity": (LINEAR,),
}  # by facet


@dataclass(frozen=True, slots=True)
class Spot(Sample):
    """A sample whose surroundings are looked at; norm, eps : the budget within which a loss is, in the data's unit."""

    norm: str = ""
    eps: int = 0


def pieces(request: Request) -> list[Spot]:
    """Return what is to be computed, the first pictures of both models first; what a budget does not allow is left out.

    Linearity is within a budget that is a ball, and no point.
    """
    asked = [page for page in ASKS[facet(request)] if page != LINEAR or bounded(request)]
    return [
        spot for page in asked for start in range(0, _count(request), SIZE) for spot in _spots(request, page, start)
    ]


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


def gather(request: Request, found: Mapping[Any, Any]) -> Locality | None:
    """Return both models near the pictures whose pieces are there for both; None where there are none.

    What compares many pictures is computed here: spectra, and which pictures are neighbours.
    """
    near, loss = (_joined(request, page, found) for page in (NEARBY, LINEAR))
    if not near and not loss:
        return None
    x, y = _pictures(request)
    rows = _rows(request, NEARBY if near else LINEAR, found)
    ways = {model: one.normals.flat for model, one in near.items() if one.normals.found.any()}
    most = max((int(way.any(1).sum()) for way in ways.values()), default=0)
    random = directions.random(torch.empty(1, x[0].numel()), most, torch.tensor([request.seed]))[0].numpy()
    return Locality(
        y=y[rows].numpy(),
        near=near_pairs(x[rows]),
        places=_rows(request, NEARBY, found).numpy(),
        lossy=_rows(request, LINEAR, found).numpy(),
        models=near,
        linear=loss,
        spectra={model: spectrum(way) for model, way in ways.items()},
        scattered={model: spectrum(scattered(way, request.seed)) for model, way in ways.items()},
        random=spectrum(random),
    )


def _models(request: Request) -> tuple[str, ...]:
    return tuple(dict.fromkeys((request.a, request.b)))


def _count(request: Request) -> int:
    most: int = DATA[request.data].facts["sizes"]["test"]
    return min(int(dict(request.show)["pictures"]), MOST, most)


def _spots(request: Request, page: str, start: int) -> list[Spot]:
    """Return the samples of both models that begin at a picture; a model that is both is asked once."""
    within: dict[str, Any] = {"norm": request.norm, "eps": request.eps} if page == LINEAR else {}
    where: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "seed": request.seed}
    stop = min(start + SIZE, _count(request))
    return [Spot(page, model=model, start=start, stop=stop, **where, **within) for model in _models(request)]


def _there(request: Request, page: str, found: Mapping[Any, Any]) -> list[list[Spot]]:
    """Return the samples of one question that are there for both models, those of the same pictures together."""
    rows = [_spots(request, page, start) for start in range(0, _count(request), SIZE)]
    return [spots for spots in rows if all(spot in found for spot in spots)]


def _joined(request: Request, page: str, found: Mapping[Any, Any]) -> dict[str, Any]:
    """Return each model's answers to one question as one."""
    columns = zip(*_there(request, page, found), strict=True)
    return {column[0].model: joined([found[spot] for spot in column]) for column in columns}


def _rows(request: Request, page: str, found: Mapping[Any, Any]) -> Tensor:
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
