"""CROWN-IBP."""

from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._lines import by_intervals, lowest, planes
from explorer.certificates._relax import adaptive
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.progress import Tick, silent


@certificate("CROWN-IBP", norms=("linf", "l2", "l1"), gives="margins", paper="arXiv:1906.06316")
def crown_ibp(net: Network, ball: Ball, labels: Tensor, *, tick: Tick = silent) -> Tensor:
    """Bound the inner layers by intervals, and carry lines back to the pixels for the margins only.

    As many rows as there are classes, whatever the network's size. Differentiable in the weights.

    Returns
    -------
    (N, K): lower bounds of logits[label] - logits[k] over the ball; infinite at the label.

    References
    ----------
    Zhang et al. 2020, arXiv:1906.06316, with the lower slopes of CROWN.
    """
    return lowest(ball, labels, *planes(net, ball, labels, by_intervals(net, ball, adaptive, tick)))
