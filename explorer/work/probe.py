"""What a model's loss and gradients look like to an attacker: where masking shows."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.attacks.run import run_attack
from explorer.core.device import best_device
from explorer.core.goals import Goal
from explorer.core.progress import Tick, silent
from explorer.core.results import Probed
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work.piece import Piece
from explorer.work.request import unit_of

STEPS = 20


def probe(piece: Piece, tick: Tick = silent) -> Probed:
    """Measure gradients that vanish, the loss along a plain PGD, and whether equal questions get equal answers.

    PGD starts at the picture itself, so that a loss that does not rise is seen from its first step.
    """
    knobs: dict[str, Any] = dict(piece.data_knobs)
    data, device = load_data(piece.data, "test", tick=tick, **knobs), best_device()
    x, y = (part[piece.start : piece.stop].to(device) for part in (data.x, data.y))
    model = load_model(piece.model, device)
    with torch.no_grad():
        unsteady = float((model(x) - model(x)).abs().max())
    steps = {"steps": STEPS, "step": 2.5 / STEPS, "random_start": False}
    threat = Threat(piece.norm, piece.eps / unit_of(piece.data, piece.norm))
    found = run_attack(
        "pgd", model, x, Goal(y), threat, seed=piece.seed, knobs=steps, stop=False, path=True, batch=len(x), tick=tick
    )
    return Probed(piece.start, _vanished(model, x, y).cpu().numpy(), -found.path["margin"].mean(1), unsteady)


def _vanished(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Return where the cross-entropy's gradient is zero in every pixel, (N,) bool."""
    x = x.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)
    return gradient.flatten(1).eq(0).all(1)
