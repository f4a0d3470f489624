"""alpha-CROWN."""

from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._relax import Lines, adaptive
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, part, silent


@certificate("α-CROWN", norms=("linf", "l2", "l1"), gives="margins", paper="arXiv:2011.13824")
def alpha_crown(
    net: Network,
    ball: Ball,
    labels: Tensor,
    *,
    steps: Annotated[int, Whole(0, 200, "steps of the slopes' ascent; 0 is CROWN")] = 20,
    rate: Annotated[float, Real(0.001, 1.0, "length of a step at first; each next one is 2 % shorter")] = 0.1,
    tick: Tick = silent,
) -> Tensor:
    """CROWN, with the slope of each lower line moved between 0 and 1 to where it proves most.

    Any slope from 0 to 1 is sound. Those of each margin are its own, and begin as CROWN's; Adam ascends the margins,
    and the best found counts, so no answer is below CROWN's. Not as in the paper, the bounds of the inner layers stay
    CROWN's: they would cost slopes for every unit of theirs.

    Returns
    -------
    (N, K): lower bounds of logits[label] - logits[k] over the ball; infinite at the label.

    References
    ----------
    Xu et al. 2021, arXiv:2011.13824, which optimises the inner bounds' slopes too.
    """
    lines = by_rows(net, ball, adaptive, part(tick, 0, 1, 2))
    best = lowest(ball, labels, *planes(net, ball, labels, lines))
    free = {index: (line.slope > 0) & (line.slope < 1) for index, line in lines.items() if line.source is None}
    slopes = {index: _per_margin(lines[index], net.classes) for index in free if free[index].any()}
    if not slopes:  # all units are on one side: the margins are exact
        return best
    ascent = torch.optim.Adam(slopes.values(), rate, maximize=True)
    slower = torch.optim.lr_scheduler.ExponentialLR(ascent, 0.98)
    for step in range(steps + 1):
        tick(steps + step, 2 * steps)
        tried = lines | {index: replace(lines[index], low_slope=slope) for index, slope in slopes.items()}
        with torch.enable_grad():
            found = lowest(ball, labels, *planes(net, ball, labels, tried))
            total = found[found.isfinite()].sum()
        best = torch.maximum(best, found.detach())
        if step < steps:
            gradients = torch.autograd.grad(total, list(slopes.values()))
            for (index, slope), gradient in zip(slopes.items(), gradients, strict=True):
                slope.grad = gradient * free[index]
            ascent.step()
            slower.step()
            for slope in slopes.values():
                slope.data.clamp_(0, 1)
    return best


def _per_margin(line: Lines, classes: int) -> Tensor:
    return line.low_slope.detach().repeat(1, classes, *[1] * (line.low_slope.ndim - 2)).requires_grad_(True)
