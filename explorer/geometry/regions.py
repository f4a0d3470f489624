"""Where a network of ReLUs is linear, on a plane through input space: the regions of its activation pattern."""

from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import in_batches
from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Regions, Section
from explorer.geometry._cells import cells
from explorer.geometry.plane import points
from explorer.models import _layers as ours
from explorer.models.build import Normalise
from explorer.models.prepare import prepare

SIDE, FEW = 101, 512
BATCH = 128  # pictures at once on a CPU
Layers = tuple[type[nn.Module], ...]
AFFINE: Layers = (
    *(nn.Linear, nn.Conv1d, nn.Conv2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.AvgPool1d, nn.AvgPool2d),
    *(nn.AdaptiveAvgPool2d, nn.Flatten, nn.Identity, nn.Dropout, Normalise),
    *(ours.Reshape, ours.Permute, ours.Mean, ours.Slice, ours.Pad),
)
CHOOSING: Layers = (nn.MaxPool1d, nn.MaxPool2d)


def regions(model: nn.Module, section: Section, side: int = SIDE, *, few: int = FEW, tick: Tick = silent) -> Regions:
    """Return the regions of a plane's window in which the same units of a network are active; there it is affine.

    Exact where the network is a chain of affine layers and ReLUs with no more than `few` units: the window is cut
    layer by layer, along the lines where a unit switches, in float64. Else by the units' states at the places of a
    grid of side x side: regions between the places are missed, so that the count is a lower bound, and a unit
    that switches twice between two places is not seen to.

    Two regions may have the same affine map, where what a unit gives is not used. Which value a maximum is taken
    from counts as no part of the pattern.

    Raises `Unsuited` for a network that has other activations, or none.
    """
    _check(model)
    watched = _Watched(model, section)
    chain = _chain(model) if watched.units <= few else []
    if not chain:
        return watched.on_a_grid(side, tick)
    cuts = cells(chain, section, tick).cuts
    return Regions(section, len(cuts) + 1, watched.units, cuts.astype(np.float32), np.zeros((0, 0), np.int32))


def _check(model: nn.Module) -> None:
    """Refuse a network that has no ReLUs, or something else that is not linear."""
    leaves = [module for module in model.modules() if not list(module.children())]
    known: Layers = (nn.ReLU, *AFFINE, *CHOOSING)
    others = [module for module in leaves if not isinstance(module, known) and not _joins(module)]
    if others:
        raise Unsuited(
            f"This network has layers other than ReLUs that are not linear ({type(others[0]).__name__}): where they "
            "bend is not followed here."
        )
    if not any(isinstance(module, nn.ReLU) for module in leaves):
        raise Unsuited("This network has no ReLUs: it has one region, everything.")


def _joins(module: nn.Module) -> bool:
    """Return whether a layer joins values and stays affine: it adds them up, or takes them times what is fixed."""
    if isinstance(module, ours.Both):
        return module.how in (torch.add, torch.sub)
    if isinstance(module, ours.Fixed):
        return not (module.left and module.how is torch.div)
    return isinstance(module, ours.Concat | ours.Sum)


def _chain(model: nn.Module) -> list[nn.Module]:
    """Return a network's layers, one after the other; none where it is no such chain."""
    if isinstance(model, (nn.ReLU, *AFFINE)):
        return [model]
    if not isinstance(model, nn.Sequential):
        return []
    parts = [_chain(part) for part in model]
    return [layer for part in parts for layer in part] if all(parts) else []


class _Watched:
    """A copy of a network that notes which of its units are active, at places of a plane."""

    def __init__(self, model: nn.Module, section: Section) -> None:
        self.section, self.device = section, next(model.parameters()).device
        self.model, self.noted = prepare(model), list[Array]()
        for module in self.model.modules():
            if isinstance(module, nn.ReLU):
                module.register_forward_hook(self._note)
        self.units = len(self._states(np.zeros((1, 2)))[0])

    def _note(self, _module: nn.Module, _given: Any, out: Tensor) -> None:
        self.noted.append((out > 0).flatten(1).cpu().numpy())

    def _states(self, at: Array) -> Array:
        """Return which units are active at places (M, 2), (M, units) bool."""
        self.noted.clear()
        with torch.no_grad():
            self.model(points(self.section, at, self.device))
        return np.concatenate(self.noted, axis=1)

    def on_a_grid(self, side: int, tick: Tick) -> Regions:
        """Return what a grid meets of the regions, row by row from below."""
        across, up = self.section.ticks(side)
        switched, names = np.zeros((side, side), np.int32), set[bytes]()
        below: Array = np.zeros((0, 0), np.uint8)
        size = BATCH if self.device.type == "cpu" else 16 * BATCH
        for i, height in enumerate(up):
            tick(i, side, "finding regions")
            at = np.stack([across, np.full(side, height)], axis=1)
            parts = in_batches(side, size, lambda rows: np.packbits(self._states(at[rows]), axis=1))  # noqa: B023 - now
            row = np.concatenate(parts)
            switched[i, :-1] += np.bitwise_count(row[1:] ^ row[:-1]).sum(1, dtype=np.int32)
            if i:
                switched[i - 1] += np.bitwise_count(row ^ below).sum(1, dtype=np.int32)
            names |= {blake2b(place.tobytes(), digest_size=8).digest() for place in row}
            below = row
        return Regions(self.section, len(names), self.units, np.zeros((0, 2, 2), np.float32), switched)
