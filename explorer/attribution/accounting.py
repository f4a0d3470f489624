"""What a model uses on `shapes`, where every pixel's part in silhouette and cue is known."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import in_batches
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Accounts, Array, Shares
from explorer.core.types import Data
from explorer.data import load_data
from explorer.data.shapes import grounds

BATCH = 128


def shares_of(maps: Array, masks: Mapping[str, Tensor]) -> Shares:
    """Return how much of each map's mass lies on the silhouette and on the cue.

    With |m| the magnitudes of a map, summed over channels and pixels to its mass:

    silhouette : sum |m|·cover / mass, cover the share of a pixel that the silhouette has
    field : the mass on the pixels that carry the cue, whose pattern is all that changes there with the class
    cue : sum m·p / mass, with p = ±1 the pattern that was added (0 where none was): the mass whose sign goes with
        the pattern less the mass whose sign goes against it, the length in l1 of the map's projection on p. It is
        1 if the map is the pattern, and around 0 if it does not know the pattern, however much mass lies on the
        field; so an unsigned map has about 0. For a score that the cue lifts it is positive in a gradient.

    maps : (N, C, H, W), or (N, 1, H, W), whose field is told and whose cue is not, as the pattern has no mean over
        channels and cells; masks : of the same N pictures

    A map of zeros has a mass and shares of 0: leave it out of a mean.
    """
    cover, cue = (masks[name].numpy().astype(np.float64) for name in ("silhouette", "cue"))
    if maps.ndim != 4 or maps.shape[2:] != cover.shape[2:] or len(maps) != len(cover):
        raise UserError("These maps are not of pictures of shapes, or not of as many as the masks.")
    m = maps.astype(np.float64)
    size = np.abs(m).sum(1, keepdims=True)  # (N, 1, H, W)
    mass = size.sum((1, 2, 3))
    field = np.abs(cue).max(1, keepdims=True) > 0

    def share(amount: Array) -> Array:
        return np.asarray(np.divide(amount, mass, out=np.zeros_like(mass), where=mass > 0), np.float32)

    return Shares(
        mass=mass.astype(np.float32),
        silhouette=share((size * cover).sum((1, 2, 3))),
        field=share((size * field).sum((1, 2, 3))),
        cue=share((m * np.sign(cue)).sum((1, 2, 3))) if maps.shape[1] == cue.shape[1] else None,
        area=cover.mean((1, 2, 3)).astype(np.float32),
        field_area=field.mean((1, 2, 3)).astype(np.float32),
    )


def accounts_of(
    model: nn.Module, n: int, *, start: int = 0, split: str = "test", amplitude: int = 4, tick: Tick = silent
) -> Accounts:
    """Return the margin of the true class on n pictures of `shapes` and on their counterfactuals.

    The pictures are drawn again with the cue agreeing, removed or swapped, and with the silhouette left out, all
    else (colours, shade, grain, cover) being the same to the bit; a cue without its silhouette lies where it lay.
    The margin z_y - max z_j is the model's for each, with its own runner-up. What the margin owes to the two
    features is their Shapley value (Shapley 1953; for models Lundberg & Lee 2017, arXiv:1705.07874),
    exact for two: `Accounts.owed_to_cue` and `Accounts.owed_to_silhouette`.

    Raises `UserError` where the split has fewer pictures, or the model is not one of them.
    """
    agrees, removed, swapped = (_variant(cue, split, amplitude, tick) for cue in ("agrees", "removed", "swapped"))
    stop = start + n
    if not (0 <= start < stop <= len(agrees)):
        raise UserError(f"n = {n} from {start} on are not all among the {len(agrees)} pictures of this split.")
    rows = slice(start, stop)
    bare, y = _grounds(split)[rows], agrees.y[rows]
    pictures = {
        "both": agrees.x[rows],
        "silhouette": removed.x[rows],
        "cue": bare + agrees.masks["cue"][rows],
        "neither": bare,
        "swapped": swapped.x[rows],
    }
    margins = {
        name: _margins(model, x, y, part(tick, i, 1, len(pictures))) for i, (name, x) in enumerate(pictures.items())
    }
    hidden = agrees.masks["occluded"][rows].flatten(1).any(1)
    return Accounts(start=start, labels=y.numpy(), **margins, occluded=hidden.numpy())


@lru_cache(maxsize=1)
def _grounds(split: str) -> Tensor:
    """Keep the grounds used last: drawing them takes longer than the models take to answer."""
    return grounds(split)


def _variant(cue: str, split: str, amplitude: int, tick: Tick) -> Data:
    knobs: dict[str, Any] = {"cue": cue, "amplitude": amplitude}
    return load_data("shapes", split, tick=tick, **knobs)


def _margins(model: nn.Module, x: Tensor, y: Tensor, tick: Tick) -> Array:
    """Return z_y - max z_j, (N,) float32."""
    device = next(model.parameters()).device

    def work(rows: slice) -> Tensor:
        tick(rows.start, len(x))
        with torch.no_grad():
            return Goal(y[rows].to(device)).margin(model(x[rows].to(device)))

    margins: Array = torch.cat(in_batches(len(x), BATCH, work)).cpu().numpy()
    return margins
