"""Ordinary training."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.training import recipe
from explorer.training.batch import Batch


@recipe("Standard training")
def standard(batch: Batch) -> Tensor:
    """Mean cross-entropy on the clean pictures: the model that everybody has."""
    batch.notes["eps"] = 0.0
    return cross_entropy(batch.model(batch.x), batch.y)
