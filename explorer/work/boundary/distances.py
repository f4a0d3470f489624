"""The view "distances" of the Boundary page: how far the boundary is, along kinds of direction, A beside B."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.device import best_device, own_seeds
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Reached, Reaches
from explorer.data import load_data
from explorer.geometry.kinds import kinds_of
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import PICTURE, both, count, many, usual
from explorer.work.inputs import picture_of
from explorer.work.request import Request
from explorer.work.sample import Sample, joined

SIZE = 25  # pictures in a sample


@dataclass(frozen=True, slots=True)
class Reach(Sample):
    """A sample whose pictures' distances are wanted; lines : the random ones of each."""

    lines: int = 0

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data} on {self.model}"


def pieces(request: Request) -> list[Request | Reach]:
    """Return what is to be computed: a request for the one picture, or samples of many, the first pictures first."""
    if not many(request):
        return [usual(request, "distances", PICTURE, ("lines",))]
    rows = [_cut(request, model) for model in both(request)]
    return list(chain.from_iterable(zip(*rows, strict=True)))


def near(request: Request, uploaded: bytes | None, tick: Tick) -> Reaches:
    """Return the distances of a request's picture on both models."""
    x, label = picture_of(request, uploaded, tick)
    place, names = (-1 if uploaded is not None else request.index), both(request)
    found, lines = {}, int(dict(request.choices)["lines"])
    means, seeds = _means(request, tick), own_seeds(request.seed, max(place, 0), 1)
    for i, name in enumerate(names):
        model, ear = load_model(name, best_device()), part(tick, i, 1, len(names))
        kinds = kinds_of(model, x, means=means, lines=lines, seeds=seeds, tick=ear)
        found[name] = Reached(np.array([place]), np.array([label]), kinds)
    return Reaches(found)


def reach(sample: Sample, tick: Tick = silent) -> Reached:
    """Return the distances of a sample's pictures."""
    if not isinstance(sample, Reach):
        raise TypeError("distances are those of a reach")
    data, rows = load_data(sample.data, "test", tick=tick, **_knobs(sample)), slice(sample.start, sample.stop)
    model, seeds = (
        load_model(sample.model, best_device()),
        own_seeds(sample.seed, sample.start, sample.stop - sample.start),
    )
    kinds = kinds_of(model, data.x[rows], means=_means(sample, tick), lines=sample.lines, seeds=seeds, tick=tick)
    return Reached(np.arange(sample.start, sample.stop), data.y[rows].numpy(), kinds)


def gather(request: Request, found: Mapping[Any, Any]) -> Reaches | None:
    """Return the distances on both models from what is there; None where a model has none."""
    if not many(request):
        (asked,) = pieces(request)
        return found.get(asked)
    parts = {m: {one.start: found[one] for one in _cut(request, m) if one in found} for m in both(request)}
    starts = sorted(set.intersection(*(set(some) for some in parts.values())))
    if not starts:
        return None
    return Reaches({model: joined([some[start] for start in starts]) for model, some in parts.items()})


def _cut(request: Request, model: str) -> list[Reach]:
    n, lines = count(request), int(dict(request.show)["draws"])
    chosen: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model}
    chosen |= {"seed": request.seed, "lines": lines}
    return [Reach("reach", start=start, stop=min(start + SIZE, n), **chosen) for start in range(0, n, SIZE)]


def _means(asked: Request | Sample, tick: Tick) -> Tensor:
    """Return the mean test picture of each class, (K, ...)."""
    data = load_data(asked.data, "test", tick=tick, **_knobs(asked))
    return torch.stack([data.x[data.y == c].mean(0) for c in range(len(data.classes))])


def _knobs(asked: Request | Sample) -> dict[str, Any]:
    return dict(asked.data_knobs)
