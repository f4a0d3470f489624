"""Pictures with their frequencies changed: turned round, or the low ones alone."""

from typing import Annotated

import numpy as np
import torch
from scipy.fft import dctn, idctn
from torch import Tensor

from explorer.core.knobs import Choice

KINDS = ("all", "flipped", "lowpass")
SCALES = {"all": 1.0, "flipped": 0.25, "lowpass": 0.5}  # of a change of the picture, in one of its variant
MIDDLES = {"flipped": 0.0, "lowpass": 0.5}  # the value that becomes mid-grey

Frequencies = Annotated[
    str, Choice(KINDS, "as they are; high and low ones changing places; the low ones alone. Both are paler, to fit")
]


def varied(x: Tensor, kind: str) -> Tensor:
    """Return pictures x (N, C, H, W) in [0, 1] with other frequencies, in [0, 1] too.

    "flipped" reverses the coefficients of the two-dimensional DCT-II on both axes, the lowest becoming the highest:
    a rotation of the space of pictures, so that no distance between two of them changes but for the scale.
    "lowpass" keeps the lowest half of the coefficients each way.

    Both leave [0, 1], in which all pictures here live: so they are shrunk around mid-grey, every change of a picture
    by the same factor, `SCALES`. A length in the unit of the pictures as they are is one of the variant over that.

    Raises `ValueError` where the shrunk pictures leave [0, 1] all the same.

    References
    ----------
    Ortiz-Jimenez, Modas et al. 2020, "Hold me tight!", arXiv:2002.06349, secs. 3 and 4. There nothing is shrunk.
    """
    if kind == "all":
        return x
    waves = dctn(x.numpy(), axes=(2, 3), norm="ortho")
    if kind == "flipped":
        waves = waves[..., ::-1, ::-1]
    else:
        waves[..., x.shape[2] // 2 :, :] = waves[..., x.shape[3] // 2 :] = 0
    other = (idctn(waves, axes=(2, 3), norm="ortho") - MIDDLES[kind]) * SCALES[kind] + 0.5
    if other.min() < 0 or other.max() > 1:
        raise ValueError("pictures with other frequencies do not fit into [0, 1]")
    return torch.from_numpy(np.ascontiguousarray(other, np.float32))
