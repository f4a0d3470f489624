"""How long the pictures of a piece stand under an attack as its budget grows."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack, summed
from explorer.core.device import best_device
from explorer.core.goals import Goal
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, AttackResult, Judged, up_to
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work.inputs import crowd_of
from explorer.work.piece import Piece
from explorer.work.request import unit_of

ANY = 1e-6  # a budget smaller than any that is offered, and larger than none


def judge(piece: Piece, tick: Tick = silent) -> Judged:
    """Attack the pictures of a piece at rising budgets, each as long as it stands."""
    knobs: dict[str, Any] = dict(piece.data_knobs)
    data = load_data(piece.data, "test", tick=tick, **knobs)
    x, y = data.x[piece.start : piece.stop], data.y[piece.start : piece.stop]
    return rising(piece, load_model(piece.model, best_device()), x, y, tick)


def rising(piece: Piece, model: nn.Module, x: Tensor, y: Tensor, tick: Tick = silent) -> Judged:
    """Attack pictures x (N, ...) of classes y (N,) as a piece says, each as long as it stands.

    A picture broken within one budget is broken within each larger one, so only those that stand are
    attacked again. A search for the smallest change, or an attack with limits of its own, runs once.
    """
    crowd, unit = crowd_of(piece.attack, piece.data, piece.data_knobs, tick), unit_of(piece.data, piece.norm)
    x, y = x.cpu(), y.cpu()
    bound = ATTACKS[piece.attack].facts["bound"]
    budgets = piece.budgets if bound == "budget" else (piece.eps,)
    radius, images, seconds, stages = np.full(len(x), np.inf, np.float32), 0, 0.0, []
    clean = adversarial = y.numpy()
    for i, eps in enumerate(budgets):
        rows = np.flatnonzero(np.isinf(radius))
        if not len(rows):
            break
        at = torch.from_numpy(rows)
        threat = Threat(piece.norm, eps / unit)
        found = run_attack(
            piece.attack,
            model,
            x[at],
            Goal(y[at]),
            threat,
            seed=piece.seed,
            knobs=dict(piece.knobs),
            crowd=crowd,
            tick=part(tick, i, 1, len(budgets)),
        )
        said = found.logits_adv.argmax(1)
        if i == 0:
            clean = found.logits.argmax(1)
            adversarial = clean.copy()
            radius[clean != found.labels] = 0
        reach = _reach(found, piece.norm, threat.eps)
        if eps <= piece.eps:  # what breaks within a smaller budget is said within the chosen one
            fell = reach <= up_to(piece.eps / unit)
            adversarial[rows[fell]] = said[fell]
            stages.append(found.stages)
        radius[rows] = np.minimum(radius[rows], reach)
        images, seconds = images + found.images, seconds + found.seconds
    return Judged(piece.start, y.numpy(), clean, adversarial, radius, images, seconds, summed(stages))


def _reach(found: AttackResult, norm: str, eps: float) -> Array:
    """Return the smallest budget known to break each picture, infinity where none is.

    Of an attack that has limits of its own next to 0 where it succeeds, as it asks for no budget.
    """
    wrong = found.logits.argmax(1) != found.labels
    size = {"budget": np.full(len(wrong), eps), "smallest": found.distance[norm], "own": np.full(len(wrong), ANY)}
    return np.where(wrong, 0, np.where(found.success, size[found.bound], np.inf)).astype(np.float32)
