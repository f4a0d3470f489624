"""Random noise of the attack's size: the control."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._rows import wide
from explorer.core.device import normal, uniform
from explorer.core.goals import Goal
from explorer.core.knobs import Choice
from explorer.core.norms import NORMS, length, strongest
from explorer.core.types import Threat

LONGEST, HALVINGS = 1000.0, 20  # how much longer before it is clipped, and how exactly that is found


@attack("Random noise (control)", norms=NORMS, knows="nothing")
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
    box holds as much in the direction drawn. In l0 so many pixels, chosen by lot, get values by lot: of
    the kind "sign" 0 or 1 in each channel, the other one where the channel is there already; else anything between.
    """
    if threat.norm == "l0":
        lots, values = uniform((2, *x.shape), rng, x.device)
        if kind == "sign":
            values = torch.where(values.round() == x, 1 - x, values.round())
        return torch.where(strongest(lots, int(threat.eps)), values, x)
    if kind == "gaussian":
        delta = normal(x.shape, rng, x.device)
    else:
        delta = uniform(x.shape, rng, x.device) * 2 - 1
        delta = delta.sign() if kind == "sign" else delta
    low = wide(threat.eps / length(delta, threat.norm).clamp_min(1e-30), x)
    x_adv, high = (x + low * delta).clamp(0, 1), low * LONGEST
    for _ in range(HALVINGS):  # the box has cut some values: the others go further
        middle = (low * high).sqrt()
        x_t = (x + middle * delta).clamp(0, 1)
        fits = (length(x_t - x, threat.norm) <= threat.eps).view_as(low)
        x_adv = torch.where(fits, x_t, x_adv)
        low, high = torch.where(fits, middle, low), torch.where(fits, high, middle)
    return x_adv
