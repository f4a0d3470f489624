"""A piece of a measure: some test pictures, one model or two, one method. A task of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from explorer.attribution.measures.case import Case
from explorer.attribution.measures.run import run_measure
from explorer.core.device import best_device
from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, silent
from explorer.core.results import Measured, Refused
from explorer.data import DATA, load_data
from explorer.models.zoo import load_model
from explorer.work.inputs import baselines_of
from explorer.work.request import Pairs
from explorer.work.sample import Sample

SIZE = 100  # pictures in a piece


@dataclass(frozen=True, slots=True)
class Gauge(Sample):
    """A sample that a measure is taken of.

    measure, knobs : its name and its knobs; method, method_knobs : whose maps are measured; other : model B, where A
    and B are compared
    """

    measure: str = ""
    knobs: Pairs = ()

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.measure}: {Sample.address(self)}"


def gauge(sample: Sample, tick: Tick = silent) -> Measured | Refused:
    """Return the measure of a piece's pictures, or why this model or method has none."""
    if not isinstance(sample, Gauge):
        raise TypeError("a measure is taken of a gauge")
    cases = [_case(sample, name, tick) for name in (sample.model, sample.other) if name]
    try:
        return run_measure(sample.measure, *cases, start=sample.start, knobs=dict(sample.knobs), tick=tick)
    except Unsuited as error:
        return Refused(str(error))


def _case(piece: Gauge, model: str, tick: Tick) -> Case:
    knobs: dict[str, Any] = dict(piece.data_knobs)
    data, device = load_data(piece.data, "test", tick=tick, **knobs), best_device()
    rows, mask = slice(piece.start, piece.stop), object_of(piece.data)
    return Case(
        load_model(model, device),
        data.x[rows].to(device),
        data.y[rows].to(device),
        method=piece.method,
        knobs=dict(piece.method_knobs),
        seed=piece.seed,
        crowd=baselines_of(piece.method, piece.data, piece.data_knobs, tick),
        mask=_mask(data.masks, mask, rows, device),
        bright=mask == "bright",
    )


def object_of(data: str) -> str:
    """Return what says where the object is in a data set's pictures: a mask's name, "bright", or "" for nothing."""
    return str(DATA[data].facts.get("object", ""))


def _mask(masks: Mapping[str, torch.Tensor], name: str, rows: slice, device: torch.device) -> torch.Tensor | None:
    return masks[name][rows].to(device) if name in masks else None
