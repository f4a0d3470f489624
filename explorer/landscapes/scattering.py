"""How adversarial perturbations turn when the weights move: gradient scattering."""

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Scattering
from explorer.core.types import Threat

STEPS = 20


def perturbed(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    threat: Threat,
    *,
    steps: int = STEPS,
    seed: int = 0,
    tick: Tick = silent,
) -> Tensor:
    """Return adversarial pictures, (N, ...): PGD's worst iterate of each, through all steps where it is broken too.

    The same seed has the same starts, so that at unchanged weights they are the same.
    """
    knobs = {"steps": steps, "step": min(1.0, 2.5 / steps)}  # 2.5 eps in all, as Madry et al. have it
    found = run_attack("pgd", model, x, Goal(labels), threat, seed=seed, knobs=knobs, stop=False, tick=tick)
    return torch.from_numpy(found.x_adv).to(x)


def scattering(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    threat: Threat,
    directions: Sequence[Mapping[str, Tensor]],
    sizes: Sequence[float],
    *,
    steps: int = STEPS,
    seed: int = 0,
    tick: Tick = silent,
) -> Scattering:
    """Return the cosine between each picture's perturbation at the weights theta and that at theta + size·d.

    Liu et al. 2020 (arXiv:2006.08403) see in it why the adversarial loss is not smooth: its gradient is that at the
    worst pictures, and where these jump as the weights move a little, the gradient does. Both attacks have the same
    start, so that size 0 gives 1; attacks on the same weights from another start are the control.

    labels : (N,) int64; directions : D of them, filter-normalised, so that a size is a share of each filter's length

    Raises `UserError` for no direction or no size, and what the attack refuses.
    """
    if not directions or not sizes:
        raise UserError("Scattering takes one direction and one size at least.")
    rounds, whole = iter(range(2 + len(sizes) * len(directions))), 2 + len(sizes) * len(directions)

    def delta(net: nn.Module, own: int) -> Tensor:
        ear = part(tick, next(rounds), 1, whole)
        return perturbed(net, x, labels, threat, steps=steps, seed=own, tick=ear).sub_(x).flatten(1)

    before = delta(model, seed)
    again = delta(model, seed + 1)
    after = [[delta(_moved(model, direction, size), seed) for direction in directions] for size in sizes]
    return Scattering(
        norm=threat.norm,
        eps=threat.eps,
        sizes=np.array(sizes, np.float64),
        cosines=np.stack([[_cosines(before, one) for one in row] for row in after]),
        signs=np.stack([[_cosines(before.sign(), one.sign()) for one in row] for row in after]),
        again=_cosines(before, again),
        signs_again=_cosines(before.sign(), again.sign()),
    )


def _moved(model: nn.Module, direction: Mapping[str, Tensor], size: float) -> nn.Module:
    """Return a copy of a model with other weights."""
    own = copy.deepcopy(model)
    with torch.no_grad():
        for name, weight in own.named_parameters():
            weight.add_(direction[name].to(weight), alpha=size)
    return own


def _cosines(a: Tensor, b: Tensor) -> Array:
    """Return the cosine of each row of a with that of b, (N,) float32; NaN where one is zero."""
    a, b = (rows / rows.abs().amax(1, keepdim=True) for rows in (a.double(), b.double()))
    found: Array = ((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))).cpu().numpy().astype(np.float32)
    return found
