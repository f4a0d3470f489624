"""Training on noisy pictures: the base classifier of randomised smoothing."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import cross_entropy

from explorer.core.device import normal
from explorer.core.knobs import Real
from explorer.training import recipe
from explorer.training.batch import Batch


@recipe("Gaussian noise (for smoothing)", paper="arXiv:1902.02918")
def gaussian(
    batch: Batch,
    *,
    sigma: Annotated[float, Real(0.01, 2.0, "standard deviation of the noise, in the unit of pixels")] = 0.25,
) -> Tensor:
    """Mean cross-entropy on pictures with Gaussian noise (Cohen et al. 2019, sec. 3.3).

    Every picture has other noise in every epoch, and leaves [0, 1] with it, as the samples of the smoothed classifier
    do, which wants the same sigma. No budget is trained in: what the noise is good for is what smoothing certifies.
    """
    batch.notes["eps"] = 0.0
    noise = normal(batch.x.shape, batch.rng, batch.x.device)
    return cross_entropy(batch.model(batch.x + sigma * noise), batch.y)
