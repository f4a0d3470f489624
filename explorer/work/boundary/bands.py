"""The view "bands" of the Boundary page: how far the boundary is within bands of frequencies, of several models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.results import BandChange, BandChanges, BandMargins, Bands
from explorer.core.types import Data
from explorer.data import DATA, load_data
from explorer.geometry.bands import NEARER, band_margins
from explorer.models.zoo import card, load_model
from explorer.work.request import Pairs, Request
from explorer.work.sample import Sample
from explorer.work.variant import scale_of, trained_on

SIZE = 50  # pictures in a piece
WIDTH, NARROW, SMALL = 8, 3, 16  # frequencies of a band each way; of pictures smaller than so many pixels a side


@dataclass(frozen=True, slots=True)
class Band(Sample):
    """A sample whose margins are measured in `count` bands of `width` frequencies each way.

    nearer : steps of the second search, see `geometry/bands.py`
    """

    width: int = 0
    count: int = 0
    nearer: int = NEARER

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.count} bands: {Sample.address(self)}"


def suits(data: str) -> bool:
    """Return whether a data set has pictures: points have no frequencies."""
    return len(DATA[data].facts["shape"]) == 3


def pieces(request: Request) -> list[Band]:
    """Return the first pictures of all models first, then the next; or what finds the chosen picture's changes.

    Raises `UserError` for the changes of an uploaded picture.
    """
    if single(request):
        if reason := refusal(request):
            raise UserError(reason)
        return changes(request)
    return list(chain.from_iterable(zip(*(cut(request, model) for model in request.models), strict=True)))


def cut(request: Request, model: str) -> list[Band]:
    """Return the samples of one model."""
    n = min(int(dict(request.show)["pictures"]), DATA[request.data].facts["sizes"]["test"])
    return [_band(request, model, start, min(start + SIZE, n)) for start in range(0, n, SIZE)]


def single(request: Request) -> bool:
    """Return whether the request is about the chosen picture alone."""
    return dict(request.show)["band_marks"] == "changes"


def refusal(request: Request) -> str:
    """Return in a sentence why there are no changes of the chosen picture, or ""."""
    uploaded = bool(request.upload) and single(request)
    return "Changes within bands are shown of pictures of the test set, not of one's own." if uploaded else ""


def changes(request: Request) -> list[Band]:
    """Return what finds the changes of the chosen picture, on each model."""
    return [_band(request, model, request.index, request.index + 1, "changes") for model in request.models]


def _band(request: Request, model: str, start: int, stop: int, page: str = "bands") -> Band:
    show, side = dict(request.show), min(DATA[request.data].facts["shape"][1:])
    width = min(int(show["band_width"]) or (NARROW if side < SMALL else WIDTH), side)
    variant = variant_of(request, model)
    count = int(show["bands"])
    return Band(page, request.data, variant, model, start, stop, width=width, count=count)


def variant_of(request: Request, model: str) -> Pairs:
    """Return the variant of the data that a model is measured on: if asked for, of the kind that it was trained on."""
    own = trained_on(model) if dict(request.show)["own_kind"] else {}
    return tuple(sorted((dict(request.data_knobs) | own).items()))


def band(sample: Band, tick: Tick = silent) -> BandMargins:
    """Return the margins of a sample's pictures, in the unit of the pictures as they are before they are shrunk."""
    return _found(sample, tick)[0]


def changed(sample: Band, tick: Tick = silent) -> BandChange:
    """Return a sample's one picture, with the changes within bands after which the model says something else."""
    margins, data = _found(sample, tick, keep=True)
    x, label = data.x[sample.start].numpy(), int(data.y[sample.start])
    return BandChange(x, label, margins, scale_of(sample.data, dict(sample.data_knobs)))


def _found(sample: Band, tick: Tick, keep: bool = False) -> tuple[BandMargins, Data]:
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data = load_data(sample.data, "test", tick=tick, **knobs)
    x, model = data.x[sample.start : sample.stop], load_model(sample.model, best_device())
    bands = {"size": sample.width, "count": sample.count, "nearer": sample.nearer}
    found = band_margins(model, x, **bands, keep=keep, tick=tick)
    return replace(found, margins=found.margins / np.float32(scale_of(sample.data, knobs))), data


def gather(request: Request, found: Mapping[Any, Any]) -> Bands | BandChanges | None:
    """Return the margins of the pictures that all models have, or one picture's changes; None where none are there."""
    kinds = {model: _kind(request, model) for model in request.models}
    if single(request):
        there = {one.model: found[one] for one in changes(request) if one in found}
        return BandChanges(request.index, there, kinds) if len(there) == len(kinds) else None
    parts = {model: {one.start: found[one] for one in cut(request, model) if one in found} for model in request.models}
    starts = sorted(set.intersection(*(set(some) for some in parts.values())))
    if not starts:
        return None
    return Bands(
        np.concatenate([np.arange(one.start, one.stop) for one in cut(request, request.a) if one.start in starts]),
        {model: _joined([some[start] for start in starts]) for model, some in parts.items()},
        kinds,
        {model: str(card(model).get("recipe", "")) for model in parts},
    )


def _kind(request: Request, model: str) -> str:
    """Return in words which variant of the data a model is measured on."""
    knobs = DATA[request.data].knobs
    return ", ".join(f"{name} {value}" for name, value in variant_of(request, model) if value != knobs[name].default)


def _joined(parts: list[BandMargins]) -> BandMargins:
    names = ("margins", "reached", "labels")
    rows: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(parts[0], **rows)
