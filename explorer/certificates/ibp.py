"""Interval bound propagation."""

import torch
from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._back import back, differences, endless, least
from explorer.certificates._intervals import intervals
from explorer.certificates.ball import Ball
from explorer.certificates.network import INPUT, Network
from explorer.core.progress import Tick, silent


@certificate("Interval bounds", norms=("linf", "l2", "l1"), gives="margins", paper="arXiv:1810.12715")
def ibp(net: Network, ball: Ball, labels: Tensor, *, tick: Tick = silent) -> Tensor:
    """Carry the least and the largest value of every unit from layer to layer, as if they did not hang together.

    Quick, and loose on networks that were not trained for it. The affine layers behind the last ReLU are folded into
    the margins, as in the paper (sec. 3). Differentiable in the weights.

    Not in the paper, which has l_inf only: of an l2 or l1 ball the first layer is bounded by dual norms.

    Returns
    -------
    (N, K): lower bounds of logits[label] - logits[k] over the ball; infinite at the label.

    References
    ----------
    Gowal et al. 2018, arXiv:1810.12715, sec. 3.
    """
    present, which = labels.unique(return_inverse=True)
    rows, shift = back(net, len(net.steps) - 1, differences(present, net.classes, ball.x), {})  # (P, K, *shape) each
    found = intervals(net, ball, tick, max(rows))
    order, margins = which.argsort(), list[Tensor]()
    for i, own in enumerate(order.split(which.bincount().tolist())):  # pictures of one label have the same rows
        bounds = {step: (found[step][0][own], found[step][1][own]) for step in rows}
        one = {step: a[i : i + 1] for step, a in rows.items()}
        margins.append(least(ball[own] if INPUT in rows else ball, one, shift[i : i + 1], bounds, exact=True))
    return endless(torch.cat(margins)[order.argsort()], labels)
