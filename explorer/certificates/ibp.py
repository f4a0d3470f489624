"""Interval bound propagation."""

import torch
from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._back import back, differences, endless, least
from explorer.certificates._intervals import intervals
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
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
    last, classes, few = len(net.steps) - 1, net.classes, len(labels) < net.classes
    every = labels if few else torch.arange(classes, device=labels.device)
    rows = differences(every, classes, ball.x)  # (M, K, K)
    ends, shift = back(net, last, rows if few else rows.flatten(0, 1)[None], {})  # all labels' rows at once: quicker
    found = least(ball, ends, shift, intervals(net, ball, tick, max(ends)), exact=True)
    if not few:
        found = found.view(-1, classes, classes)[torch.arange(len(labels), device=labels.device), labels]
    return endless(found, labels)
