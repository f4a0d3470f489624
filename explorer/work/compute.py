"""Requests computed: the one place that joins data, models and attacks. Runs wherever the engine puts it."""

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from explorer.attacks.run import run_attack
from explorer.core.device import best_device
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.progress import Tick, part, silent
from explorer.core.results import AttackResult, AttackView, Control
from explorer.core.types import Threat
from explorer.models.zoo import load_model
from explorer.work.inputs import picture_of
from explorer.work.judge import judge
from explorer.work.piece import Asked, Piece
from explorer.work.planes import plane_of
from explorer.work.probe import probe
from explorer.work.request import Request
from explorer.work.sample import Sample
from explorer.work.strike import strike
from explorer.work.transfer import transfer
from explorer.work.viewed import SAMPLES, VIEWED

NOISE_COPIES = 100
PLANE_SIDE = 151
ALONE = threading.RLock()  # preparing a network traces it, which breaks those that other threads of the process run
PATIENCE = 0.2  # seconds between two looks whether a request that waits for another is cancelled


def compute(request: Asked, *, uploaded: bytes | None = None, tick: Tick = silent) -> Any:
    """Return the result of a request, or of a piece of one; a process computes one at a time.

    uploaded : the picture's bytes, where the request names one by its sha256

    Raises `UserError` for what a person can mend, and `Cancelled` from `tick`.
    """
    while not ALONE.acquire(timeout=PATIENCE):
        tick(0, 1)
    try:
        if isinstance(request, Piece):
            return PIECES[request.page](request, tick)
        if isinstance(request, Sample):
            return SAMPLES[request.page](request, tick)
        if request.page in VIEWED:
            return VIEWED[request.page].compute(request, uploaded, tick)
        if request.page != "attack":
            raise UserError(f"Nothing is computed for the page {request.page}.")
        return attack_view(request, uploaded, tick)
    finally:
        ALONE.release()


def attack_view(request: Request, uploaded: bytes | None, tick: Tick) -> AttackView:
    """Attack model A and model B on one picture, with the control and the transfer of each to the other."""
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    x = x.to(device)
    models = [load_model(name, device) for name in (request.a, request.b)]
    found = []
    for i, model in enumerate(models):
        attacked = strike(request, model, x, label, part(tick, 2 * i, 1, 4), path=True)
        found.append((attacked, _control(request, model, attacked, part(tick, 2 * i + 1, 1, 4))))
    (a, noise_a), (b, noise_b) = found
    with torch.no_grad():
        transfer_a, transfer_b = (
            model(torch.from_numpy(other.x_adv).to(device))[0].cpu().numpy()
            for model, other in ((models[0], b), (models[1], a))
        )
    planes = [plane_of(model, device, PLANE_SIDE) if x.ndim == 2 else None for model in models]
    return AttackView(label, a, b, transfer_a, transfer_b, noise_a, noise_b, *planes)


PIECES: dict[str, Callable[[Piece, Tick], Any]] = {"judge": judge, "transfer": transfer, "probe": probe}


def _control(request: Request, model: nn.Module, attacked: AttackResult, tick: Tick) -> Control:
    """Try noise of the budget's size: it counts when the answer changes, whatever the goal is.

    Where the attack keeps to no budget, noise of the length that it found. Random signs, as gradient
    steps give them; in the plane, where there are but four, uniform noise.
    """
    x = torch.from_numpy(attacked.x)
    copies = x.repeat(NOISE_COPIES, *[1] * (x.ndim - 1))
    answer = Goal(torch.full((NOISE_COPIES,), int(attacked.logits.argmax())))
    eps = request.threat.eps if attacked.bound == "budget" else float(attacked.distance[request.norm][0])
    kind = {"kind": "uniform" if x.ndim == 2 else "sign"}
    threat = Threat(request.norm, eps)
    found = run_attack("noise", model, copies, answer, threat, seed=request.seed, knobs=kind, stop=False, tick=tick)
    return Control(found.success, found.distance[request.norm], found.logits_adv, found.x_adv[0])
