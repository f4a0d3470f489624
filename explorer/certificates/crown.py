"""CROWN."""

from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._relax import adaptive
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.progress import Tick, silent


@certificate("CROWN", norms=("linf", "l2", "l1"), gives="margins", paper="arXiv:1811.00866")
def crown(net: Network, ball: Ball, labels: Tensor, *, tick: Tick = silent) -> Tensor:
    """Hold each ReLU between two lines, the lower one of slope 0 or 1, and carry them back to the pixels.

    Full back-substitution for every layer that a ReLU takes, then for the margins themselves, not for single logits.
    Slopes as the paper adapts them: 1 where a unit's bounds reach further up than down, else 0. Max pooling: its
    surest entry from below, a constant from above.

    Returns
    -------
    (N, K): lower bounds of logits[label] - logits[k] over the ball; infinite at the label.

    References
    ----------
    Zhang et al. 2018, arXiv:1811.00866, theorem 3.2 and sec. 3.3.
    """
    return lowest(ball, labels, *planes(net, ball, labels, by_rows(net, ball, adaptive, tick)))
