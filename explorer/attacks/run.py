"""The judge: runs an attack that only proposes, and measures what it achieved."""

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import Track, numbers
from explorer.core.device import generator, in_batches
from explorer.core.errors import UserError
from explorer.core.goals import Goal, known_labels
from explorer.core.knobs import fill
from explorer.core.norms import NORMS, length, project
from explorer.core.progress import Tick, silent
from explorer.core.results import AttackResult
from explorer.core.types import Threat
from explorer.models.prepare import prepare

Stages = Mapping[str, tuple[float, float, float]]


def run_attack(
    name: str,
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    seed: int = 0,
    knobs: Mapping[str, Any] | None = None,
    stop: bool = True,
    path: bool = False,
    batch: int | None = None,
    crowd: Tensor | None = None,
    tick: Tick = silent,
) -> AttackResult:
    """Run an attack on images `x` (N, ...), clip what it returns, and judge it on the plain model.

    The attack sees a prepared copy (frozen, folded, channels last) of `model`, which must be in eval
    mode. Whatever it returns is projected on the box before it is judged, and on the budget where the
    attack is one of a budget: a search for the smallest change, or an attack with limits of its own, is
    judged at the length that it found.

    stop : drop an image once it is broken, and do not attack those that are so from the start; a search
        for the smallest change attacks none that is broken from the start, as the smallest change is none
    path : keep every iterate (for a few images: all of them must fit in one batch)
    batch : images at once, by default what suits the device; halved when its memory does not hold them
    crowd : (M, ...) other images of the same kind, for an attack that learns from many; `x` where not given

    Raises `UserError` for an unknown attack, norm or knob, a label that the model does not know, and a
    model that the device's memory does not hold.
    """
    entry = ATTACKS[name]
    if threat.norm not in entry.facts["norms"]:
        known = ", ".join(entry.facts["norms"])
        raise UserError(f"{entry.title} does not work in {threat.norm}; it knows {known}.")
    if entry.facts["pictures_only"] and x.ndim != 4:
        raise UserError(f"{entry.title} works on pictures only, and these are points.")
    values, bound = fill(entry.knobs, knobs or {}), entry.facts["bound"]
    device = next(model.parameters()).device
    x, goal = x.to(device), Goal(goal.labels.to(device), goal.targeted)
    fast, rng = prepare(model), generator(seed)
    size = batch or (128 if device.type == "cpu" else 1024)  # a cache holds no more; a GPU idles with less
    spent = _count(fast)

    def judge(images: Tensor) -> Tensor:
        with torch.no_grad():
            return torch.cat(in_batches(len(images), size, lambda rows: model(images[rows])))

    def propose(rows: slice) -> tuple[Tensor, dict[str, Tensor], Stages]:
        part, wanted = x[rows], goal[rows]
        if path and len(part) < len(x):
            raise UserError(f"The steps of {len(x)} pictures do not fit in one batch: ask for fewer pictures.")
        skip = stop or bound == "smallest"
        reached = wanted.reached(logits[rows]) if skip else torch.zeros(len(part), dtype=torch.bool, device=device)
        play = (~reached).nonzero()[:, 0]
        settings: dict[str, Any] = {"stop": stop, "keep": path, "smallest": bound == "smallest"}
        track = Track(part[play], wanted[play], threat.norm, **settings, spent=lambda: spent["images"])
        offered = {"rng": rng, "tick": _shifted(tick, rows.start, len(part), len(x)), "track": track, "crowd": others}
        extra: dict[str, Any] = {key: value for key, value in offered.items() if takes(name, key)}
        tick(rows.start, len(x))
        x_adv = part.clone()
        if len(play):
            with torch.no_grad():
                x_adv[play] = entry.run(fast, part[play], wanted[play], threat, **values, **extra)
        rest = numbers(part, part, logits[rows], wanted, threat.norm) if path else {}
        return x_adv, track.replay(rest, play), track.stages()

    others = x if crowd is None else crowd.to(device)
    logits = judge(x)
    known_labels(goal.labels, logits.shape[1])
    start = time.perf_counter()
    proposals = in_batches(len(x), size, propose)
    seconds = time.perf_counter() - start
    x_adv = torch.cat([x_adv for x_adv, _, _ in proposals]).detach()
    if bound == "budget":
        x_adv = x + project(x_adv - x, threat.norm, threat.eps)
    x_adv = x_adv.clamp(0, 1)
    logits_adv = judge(x_adv)
    return AttackResult(
        x=_array(x),
        x_adv=_array(x_adv),
        logits=_array(logits),
        logits_adv=_array(logits_adv),
        labels=_array(goal.labels),
        targeted=goal.targeted,
        success=_array(goal.reached(logits_adv)),
        distance={norm: _array(length(x_adv - x, norm)) for norm in NORMS},
        images=spent["images"],
        seconds=seconds,
        bound=bound,
        path={key: _array(value) for key, value in proposals[0][1].items()},
        stages=summed([stages for _, _, stages in proposals]),
    )


def summed(batches: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Return what each stage did in all batches together: they have the same stages, or none where none was in play."""
    names = max(batches, key=len, default={})
    return {name: np.sum([stages[name] for stages in batches if stages], axis=0) for name in names}


def takes(name: str, offered: str) -> bool:
    """Return whether an attack asks for what the judge offers: "rng", "tick", "track" or "crowd"."""
    return offered in inspect.signature(ATTACKS[name].run).parameters


def _count(model: nn.Module) -> dict[str, int]:
    """Count the images that pass through the model from now on."""
    spent = {"images": 0}

    def hook(_module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
        spent["images"] += len(inputs[0])

    model.register_forward_hook(hook)
    return spent


def _shifted(tick: Tick, first: int, size: int, count: int) -> Tick:
    """Return a tick for one batch that reports in images of the whole."""

    def shifted(done: int, total: int, note: str = "") -> None:
        tick(first + size * done // max(total, 1), count, note)

    return shifted


def _array(value: Tensor) -> np.ndarray:
    return value.detach().cpu().contiguous().numpy()
