"""One method asked of pictures on one model."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.certificates.ball import Ball
from explorer.certificates.exact import distances
from explorer.certificates.network import read
from explorer.certificates.run import radii
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import Norm
from explorer.core.progress import Tick
from explorer.core.results import Array, Bracket
from explorer.core.types import Threat
from explorer.core.words import amount
from explorer.work.certificate.methods import ATTACK, BROKEN

EXACT, PATIENCE = "exact", 20  # seconds for one picture


def prove(
    name: str,
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    norm: Norm,
    top: float,
    *,
    said: Tensor,
    reason: str = "",
    seed: int,
    tick: Tick,
) -> Bracket:
    """Return what a method says of pictures x (N, ...) within `top`.

    labels : (N,) the answers that are to hold; said : (N,) the model's own; reason : why it is not asked, if it is not
    """
    if name == BROKEN:
        return _broken(model, x, labels, norm, top, seed=seed, tick=tick)
    own, wanted = said.cpu().numpy(), labels.cpu().numpy()
    nothing, open_ = np.zeros(len(x), np.float32), np.full(len(x), np.inf, np.float32)
    if reason:
        return Bracket(wanted, own, nothing, open_, 0.0, reason)
    try:
        if name == EXACT:
            return _exact(model, x, labels, norm, top, own, tick)
        found = radii(name, model, x, labels, norm, top, seed=seed, tick=tick)
    except UserError as error:
        return Bracket(wanted, own, nothing, open_, 0.0, str(error))
    return Bracket(wanted, own, found.radius.astype(np.float32), open_, found.seconds)


def _exact(model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, top: float, said: Array, tick: Tick) -> Bracket:
    """Return both sides of the exact answer, which meet where the programme was solved in time."""
    device = next(model.parameters()).device
    x, labels = x.to(device), labels.to(device)
    ball = Ball(x, norm, torch.full((len(x),), top, device=device))
    found = distances(read(model, x.shape[1:]), ball, labels, seconds=PATIENCE, tick=tick)
    right = said == labels.cpu().numpy()
    low = np.where(right, np.minimum(found.low, found.high), 0).astype(np.float32)
    high = np.where(right, found.high, 0).astype(np.float32)
    late = amount(int((~found.decided & right).sum()), "picture")
    sentence = "" if found.decided[right].all() else f"{late} not decided in {PATIENCE} s: what was proved by then."
    return Bracket(labels.cpu().numpy(), said, np.minimum(low, high), high, float(found.seconds.sum()), sentence)


def _broken(model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, top: float, *, seed: int, tick: Tick) -> Bracket:
    """Return the smallest change that the attack found."""
    found = run_attack(ATTACK, model, x, Goal(labels), Threat(norm, top), seed=seed, tick=tick)
    said = found.logits.argmax(1)
    far = np.where(found.success, found.distance[norm], np.inf)
    high = np.where(said != found.labels, 0, far).astype(np.float32)
    return Bracket(found.labels, said, np.zeros_like(high), high, found.seconds)
