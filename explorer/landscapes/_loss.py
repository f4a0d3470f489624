"""The cross-entropy as exactly as the logits allow."""

from torch import Tensor
from torch.nn.functional import softplus

from explorer.core.goals import Goal


def cross_entropies(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy of each row of logits (N, K), (N,) float64.

    log(1 + exp(log odds against the label)), which has a logarithm where a model is so sure that the difference of
    log-sum-exp and the label's logit rounds to 0.
    """
    return softplus(Goal(labels).height(logits.double()), threshold=700.0)
