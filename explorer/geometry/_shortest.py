"""The shortest change of pictures that is known: what several searches find, each the better one on some pictures."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.goals import Goal
from explorer.core.norms import Norm
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, AttackResult
from explorer.core.types import Threat

SEARCHES: dict[Norm, tuple[str, ...]] = {"l2": ("ddn", "superdeepfool"), "linf": ("fmn",)}


@dataclass(frozen=True, eq=False, slots=True)
class Shortest:
    """Of N pictures the nearest end of all searches.

    x_adv : (N, ...); logits_adv : (N, K) there; success : (N,) bool, the answer is another one there
    distance : (N,) float32, inf where no search succeeded
    """

    x_adv: Array
    logits_adv: Array
    success: Array
    distance: Array


def searched(
    model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, *, seed: int = 0, tick: Tick = silent
) -> list[AttackResult]:
    """Return what each search for the shortest change away from the classes `labels` (N,) finds, inside the box."""
    names, goal, threat = SEARCHES[norm], Goal(labels), Threat(norm, 0.0)
    return [
        run_attack(name, model, x, goal, threat, seed=seed, tick=part(tick, i, 1, len(names)))
        for i, name in enumerate(names)
    ]


def shortest(
    model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, *, seed: int = 0, tick: Tick = silent
) -> Shortest:
    """Return the nearest end that any search finds, picture by picture: an upper bound on the distance."""
    found = searched(model, x, labels, norm, seed=seed, tick=tick)
    far = np.stack([np.where(one.success, one.distance[norm], np.inf) for one in found]).astype(np.float32)
    first, rows = far.argmin(0), np.arange(len(x))

    def nearest(name: str) -> Array:
        return np.asarray(np.stack([getattr(one, name) for one in found])[first, rows])

    return Shortest(nearest("x_adv"), nearest("logits_adv"), nearest("success"), far[first, rows])
