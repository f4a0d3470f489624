"""How alike two maps are."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from explorer.core.stats import rank_correlations

WINDOW = 7  # pixels a side


def rank_correlation(a: Tensor, b: Tensor) -> Tensor:
    """Return Spearman's rank correlation of the values of each pair of maps (N, ...), (N,) float64.

    Equal values share a rank. NaN where a map is flat.
    """
    return torch.from_numpy(rank_correlations(a.cpu().numpy(), b.cpu().numpy()))


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Return the structural similarity of each pair of maps (N, C, H, W), (N,) float64.

    Of the maps as they are drawn: summed over the channels, divided by the largest magnitude, zero as middle grey of
    [0, 1]. A map's scale counts for nothing, its sign for much; and where both are nearly zero they are alike, so that
    sparse maps are. A window of 7×7 pixels of equal weight, and the mean over all places where it fits. NaN where a map
    is zero.

    References
    ----------
    Wang et al. 2004, doi:10.1109/TIP.2003.819861, eq. (13); covariances by n - 1.
    """
    x, y = (m.sum(1, keepdim=True).double() for m in (a, b))
    x, y = (m / m.abs().amax((1, 2, 3), keepdim=True) / 2 + 0.5 for m in (x, y))

    def mean(values: Tensor) -> Tensor:
        return avg_pool2d(values, min(WINDOW, *values.shape[2:]), stride=1)

    n = min(WINDOW, *x.shape[2:]) ** 2
    mx, my = mean(x), mean(y)
    vx, vy, cov = ((mean(p) - q) * n / (n - 1) for p, q in ((x * x, mx * mx), (y * y, my * my), (x * y, mx * my)))
    c1, c2 = 0.01**2, 0.03**2
    similar: Tensor = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return similar.mean((1, 2, 3)).cpu()
