"""One method asked of pictures on one model."""

import numpy as np
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.certificates.run import radii
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import Norm
from explorer.core.progress import Tick
from explorer.core.results import Bracket
from explorer.core.types import Threat
from explorer.work.certificate.methods import ATTACK, BROKEN


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
        found = radii(name, model, x, labels, norm, top, seed=seed, tick=tick)
    except UserError as error:
        return Bracket(wanted, own, nothing, open_, 0.0, str(error))
    return Bracket(wanted, own, found.radius.astype(np.float32), open_, found.seconds)


def _broken(model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, top: float, *, seed: int, tick: Tick) -> Bracket:
    """Return the smallest change that the attack found."""
    found = run_attack(ATTACK, model, x, Goal(labels), Threat(norm, top), seed=seed, tick=tick)
    said = found.logits.argmax(1)
    far = np.where(found.success, found.distance[norm], np.inf)
    high = np.where(said != found.labels, 0, far).astype(np.float32)
    return Bracket(found.labels, said, np.zeros_like(high), high, found.seconds)
