"""Random noise of the attack's size: the control."""

from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.core.goals import Goal
from explorer.core.knobs import Choice
from explorer.core.norms import length
from explorer.core.types import Threat


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
    linf noise of random signs moves every value by eps. Clipping to the box may shorten it.
    """
    shape, device = x.shape, x.device
    if kind == "gaussian":
        delta = torch.randn(shape, generator=rng, device=device)
    else:
        delta = torch.rand(shape, generator=rng, device=device) * 2 - 1
        delta = delta.sign() if kind == "sign" else delta
    size = length(delta, threat.norm).clamp_min(1e-30)
    return (x + delta * (threat.eps / size).view(-1, *[1] * (x.ndim - 1))).clamp(0, 1)
