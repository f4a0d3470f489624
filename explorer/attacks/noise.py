"""Random noise of the attack's size: the control."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.core.device import normal, uniform
from explorer.core.goals import Goal
from explorer.core.knobs import Choice
from explorer.core.norms import length
from explorer.core.types import Threat

LONGEST, HALVINGS = 1000.0, 20  # how much longer before it is clipped, and how exactly that is found


@attack("Random noise (control)", norms=("linf", "l2", "l1"), knows="nothing")
def noise(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    kind: Annotated[str, Choice(("sign", "uniform", "gaussian"), "how the noise is drawn")] = "sign",
    rng: Generator,
) -> Tensor:
    """Add noise whose length is the whole budget, drawn without looking at the model.

    Not an attack: it shows that the direction of a perturbation matters, not its size. The noise
    (random signs, uniform, or Gaussian per value) is scaled to length eps in the threat's norm, so
    linf noise of random signs moves every value by eps. It has that length inside the box, where the
    box holds as much in the direction drawn.
    """
    if kind == "gaussian":
        delta = normal(x.shape, rng, x.device)
    else:
        delta = uniform(x.shape, rng, x.device) * 2 - 1
        delta = delta.sign() if kind == "sign" else delta
    low = (threat.eps / length(delta, threat.norm).clamp_min(1e-30)).view(-1, *[1] * (x.ndim - 1))
    x_adv, high = (x + low * delta).clamp(0, 1), low * LONGEST
    for _ in range(HALVINGS):  # the box has cut some values: the others go further
        middle = (low * high).sqrt()
        x_t = (x + middle * delta).clamp(0, 1)
        fits = (length(x_t - x, threat.norm) <= threat.eps).view_as(low)
        x_adv = torch.where(fits, x_t, x_adv)
        low, high = torch.where(fits, middle, low), torch.where(fits, high, middle)
    return x_adv
