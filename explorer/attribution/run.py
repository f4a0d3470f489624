"""Runs a saliency method on a copy of the model that nobody else sees."""

import copy
import inspect
import time
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from explorer.attribution import SALIENCY, Attributed
from explorer.attribution._needs import refuse
from explorer.attribution._score import Score
from explorer.attribution.target import Target
from explorer.core.device import generator, in_batches
from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Saliency

PICTURES, IMAGES = 32, 128  # at once on a CPU: pictures, and copies of them; a GPU takes eight times as many

# Captum says at each call that it sets hooks. Once for the process: what ignores a warning for a while is shared
# by all threads.
warnings.filterwarnings("ignore", r"Setting (forward, )?backward hooks")


def run_method(
    name: str,
    model: nn.Module,
    x: Tensor,
    target: Target,
    *,
    seed: int = 0,
    knobs: Mapping[str, Any] | None = None,
    batch: int | None = None,
    crowd: Tensor | None = None,
    tick: Tick = silent,
) -> Saliency:
    """Run a saliency method for images `x` (N, ...) and the target of each.

    Captum's hooks change what a module computes for everybody, so the method gets a copy of `model`: in eval
    mode, frozen, its layers as they are. A picture's map does not depend on those beside it: the same seed gives
    every picture the same random numbers.

    batch : images and copies of them at once, by default what suits the device; halved when its memory does not
        hold them
    crowd : (M, ...) other images of the same kind, for a method that takes baselines from them

    Raises `UserError` for an unknown method or knob, a label that the model does not have, a method that cannot
    take this network, target or kind of input, and a model that the device's memory does not hold.
    """
    entry = SALIENCY[name]
    values = fill(entry.knobs, knobs or {})
    if len(target.labels) != len(x):
        raise UserError(f"There are {len(target.labels)} targets for {len(x)} pictures.")
    device = next(model.parameters()).device
    x, own = x.to(device), _own(model)
    images = batch or (IMAGES if device.type == "cpu" else 8 * IMAGES)
    size = min(images, PICTURES if device.type == "cpu" else 8 * PICTURES)

    def judge(rows: slice) -> Tensor:
        with torch.no_grad():
            logits: Tensor = own(x[rows])
        return logits

    def attribute(rows: slice) -> Attributed:
        some, wanted = x[rows].detach().clone().requires_grad_(), target[rows]
        inner, limit = part(tick, rows.start, len(some), len(x)), images
        while True:
            offered = {"rng": generator(seed), "crowd": None if crowd is None else crowd.to(device)}
            extra: dict[str, Any] = {key: value for key, value in offered.items() if takes(name, key)}
            try:
                with torch.enable_grad():
                    maps, promised = entry.run(Score(own, wanted, limit, inner), some, **values, **extra)
                return maps.detach(), promised
            except torch.OutOfMemoryError:
                if limit <= len(some):
                    raise
                limit //= 2

    logits = torch.cat(in_batches(len(x), size, judge))
    target = target.on(device, logits.shape[1])
    refuse(entry, own, x, target)
    start = time.perf_counter()
    found = in_batches(len(x), size, attribute)
    seconds = time.perf_counter() - start
    promises = [promised for _, promised in found if promised is not None]
    return Saliency(
        maps=_array(torch.cat([maps for maps, _ in found])),
        signed=entry.facts["signed"],
        logits=_array(logits),
        kind=target.kind,
        labels=_array(target.labels),
        against=None if target.against is None else _array(target.against),
        promised=_array(torch.cat(promises)) if promises else None,
        seconds=seconds,
    )


def takes(name: str, offered: str) -> bool:
    """Return whether a method asks for what the runner offers: "rng" or "crowd"."""
    return offered in inspect.signature(SALIENCY[name].run).parameters


def _own(model: nn.Module) -> nn.Module:
    """Return a frozen copy in eval mode, no layer of which writes over its input: hooks want to see that."""
    own = copy.deepcopy(model).eval().requires_grad_(False)
    for layer in own.modules():
        if getattr(layer, "inplace", False):
            setattr(layer, "inplace", False)  # noqa: B010 - torch declares modules' attributes as modules
    return own


def _array(value: Tensor) -> Array:
    array: Array = value.detach().cpu().contiguous().numpy()
    return array
