"""The view "boxes" of the Certificate page: the largest certified box around pictures, a budget for each pixel."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.certificates.boxes import alike, boxes
from explorer.certificates.network import read
from explorer.core.device import best_device
from explorer.core.progress import Tick, silent
from explorer.core.results import Boxed
from explorer.data import DATA, load_data
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import both, count, many, usual
from explorer.work.certificate.effort import no_boxes
from explorer.work.certificate.picture import PICTURE
from explorer.work.inputs import picture_of
from explorer.work.request import Request
from explorer.work.sample import Sample, joined

BOXES, SIZE = "boxes", 10  # pictures in a sample


@dataclass(frozen=True, slots=True)
class Boxing(Sample):
    """A sample whose boxes are wanted; lines : "crown" or "fast_lin"."""

    lines: str = "crown"

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data} on {self.model}"


def pieces(request: Request) -> list[Request | Boxing]:
    """Return what is to be computed: the picture's box on one model each, or samples of many, the first ones first."""
    if not about_many(request):
        return [_asked(request, model) for model in both(request)]
    return list(chain.from_iterable(zip(*(_cut(request, model) for model in both(request)), strict=True)))


def about_many(request: Request) -> bool:
    """Return whether boxes of many pictures are compared; of points, which have but two values, they never are."""
    return many(request) and len(DATA[request.data].facts["shape"]) == 3


def _asked(request: Request, model: str) -> Request:
    return usual(request, "boxes", PICTURE, ("lines",)).with_(a=model, b=model)


def _cut(request: Request, model: str) -> list[Boxing]:
    n, lines = count(request), str(dict(request.choices)["lines"])
    shared: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model, "lines": lines}
    return [Boxing(BOXES, start=at, stop=min(at + SIZE, n), **shared) for at in range(0, n, SIZE)]


def boxed(request: Request, uploaded: bytes | None, tick: Tick) -> Boxed:
    """Return the box of a request's picture on its model, which holds its class or, unknown, the model's own answer."""
    x, label = picture_of(request, uploaded, tick)
    if label < 0:
        with torch.no_grad():
            y = load_model(request.a, best_device())(x.to(best_device())).argmax(1).cpu()
    else:
        y = torch.tensor([label])
    found = _found(request.data, request.a, x, y, str(dict(request.choices)["lines"]), tick)
    return found if label >= 0 else Boxed(found.models, found.x, np.array([-1]), found.seconds, found.refused)


def boxing(sample: Sample, tick: Tick = silent) -> Boxed:
    """Return the boxes of a sample's pictures."""
    if not isinstance(sample, Boxing):
        raise TypeError("boxes are those of a sample that knows its lines")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data, rows = load_data(sample.data, "test", tick=tick, **knobs), slice(sample.start, sample.stop)
    return _found(sample.data, sample.model, data.x[rows], data.y[rows], sample.lines, tick)


def _found(data: str, name: str, x: Tensor, y: Tensor, lines: str, tick: Tick) -> Boxed:
    model, shape, start = load_model(name, best_device()), DATA[data].facts["shape"], time.perf_counter()
    if reason := no_boxes(model, shape):
        return Boxed({}, x.numpy(), y.numpy(), {}, {name: reason})
    device = best_device()
    found = boxes(read(model, shape), x.to(device), y.to(device), bound=lines, tick=tick)
    return Boxed({name: found}, x.numpy(), y.numpy(), {name: time.perf_counter() - start})


def gather(request: Request, found: Mapping[Any, Any]) -> Boxed | None:
    """Return both models' boxes of the pictures that are there for both; None where none are."""
    if not about_many(request):
        there = {model: found[one] for model in both(request) if (one := _asked(request, model)) in found}
        return _beside(there) if len(there) == len(both(request)) else None
    parts = {m: {one.start: found[one] for one in _cut(request, m) if one in found} for m in both(request)}
    starts = sorted(set.intersection(*(set(some) for some in parts.values())))
    if not starts:
        return None
    whole = _beside({model: _whole([some[start] for start in starts]) for model, some in parts.items()})
    similar = {
        model: {kind: np.array([mean.value, mean.n, *mean.interval]) for kind, mean in alike(one).items()}
        for model, one in whole.models.items()
    }
    return Boxed(whole.models, whole.x, whole.y, whole.seconds, whole.refused, similar, whole.order)


def _whole(parts: list[Boxed]) -> Boxed:
    models = {model: joined([part.models[model] for part in parts]) for model in parts[0].models}
    seconds = {model: sum(part.seconds[model] for part in parts) for model in parts[0].seconds}
    x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y"))
    return Boxed(models, x, y, seconds, parts[0].refused)


def _beside(there: Mapping[str, Boxed]) -> Boxed:
    models, seconds, refused = (
        {key: value for one in there.values() for key, value in getattr(one, part).items()}
        for part in ("models", "seconds", "refused")
    )
    first = next(iter(there.values()))
    return Boxed(models, first.x, first.y, seconds, refused, order=tuple(there))
