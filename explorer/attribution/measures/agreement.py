"""How alike two models' maps are."""

from torch import Tensor

from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.attribution.similarity import rank_correlation, ssim
from explorer.core.progress import Tick, part, silent


@measure(
    "Agreement of A's and B's maps",
    values={
        "rank": "rank correlation of the values",
        "rank_size": "rank correlation of the magnitudes",
        "ssim": "structural similarity (SSIM)",
    },
    paper="arXiv:1810.03292",
    needs=("pictures",),
)
def agreement(case: Case, *, other: Case, tick: Tick = silent) -> dict[str, Tensor]:
    """Measure how alike the maps of both models are, for the true class of each picture.

    rank, rank_size : Spearman's correlation of the maps' values, and of their magnitudes
    ssim : see `explorer.attribution.similarity.ssim`

    Two models that agree need not be right, nor their maps true to them.

    References
    ----------
    Adebayo et al. 2018, arXiv:1810.03292, sec. 3, which compares maps by these three.
    """
    a, b = (one.maps(one.y, part(tick, i, 1, 2)) for i, one in enumerate((case, other)))
    if a.shape != b.shape:
        raise ValueError("both models' maps must be of one shape")
    return {"rank": rank_correlation(a, b), "rank_size": rank_correlation(a.abs(), b.abs()), "ssim": ssim(a, b)}
