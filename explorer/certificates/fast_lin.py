"""Fast-Lin."""

from torch import Tensor

from explorer.certificates import certificate
from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._relax import chord
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.progress import Tick, silent


@certificate("Fast-Lin", norms=("linf", "l2", "l1"), gives="margins", paper="arXiv:1804.09699")
def fast_lin(net: Network, ball: Ball, labels: Tensor, *, tick: Tick = silent) -> Tensor:
    """Hold each ReLU between two parallel lines of slope u / (u - l), and carry them back to the pixels.

    Full back-substitution for every layer that a ReLU takes, then for the margins themselves. Max pooling, which the
    paper leaves out, as in CROWN.

    Returns
    -------
    (N, K): lower bounds of logits[label] - logits[k] over the ball; infinite at the label.

    References
    ----------
    Weng et al. 2018, arXiv:1804.09699, theorem 3.5 and corollary 3.7.
    """
    return lowest(ball, labels, *planes(net, ball, labels, by_rows(net, ball, chord, tick)))
