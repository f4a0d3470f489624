"""Pictures made on one model, shown to others."""

from typing import Any

import numpy as np
import torch

from explorer.attacks.run import run_attack
from explorer.core.device import best_device, in_batches
from explorer.core.goals import Goal
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Transferred
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work.inputs import crowd_of
from explorer.work.piece import Piece
from explorer.work.request import unit_of


def transfer(piece: Piece, tick: Tick = silent) -> Transferred:
    """Attack the pictures on the piece's model; ask it and the others about the outcome.

    Nothing is dropped when it is broken: the strongest picture found is shown, as it is what transfers.
    """
    knobs: dict[str, Any] = dict(piece.data_knobs)
    data, device = load_data(piece.data, "test", tick=tick, **knobs), best_device()
    x, y = data.x[piece.start : piece.stop], data.y[piece.start : piece.stop]
    found = run_attack(
        piece.attack,
        load_model(piece.model, device),
        x,
        Goal(y),
        Threat(piece.norm, piece.eps / unit_of(piece.data, piece.norm)),
        seed=piece.seed,
        knobs=dict(piece.knobs),
        stop=False,
        crowd=crowd_of(piece.attack, piece.data, piece.data_knobs, tick),
        tick=tick,
    )
    x_adv = torch.from_numpy(found.x_adv).to(device)
    return Transferred(piece.start, {name: _right(name, x_adv, y.numpy()) for name in (piece.model, *piece.others)})


def _right(name: str, x: torch.Tensor, y: Array) -> Array:
    model = load_model(name, x.device)
    with torch.no_grad():
        said = in_batches(len(x), 256, lambda rows: model(x[rows]).argmax(1))
    return np.asarray(torch.cat(said).cpu().numpy() == y)
