"""scikit-learn's 8×8 handwriting: real, tiny, embedded."""

import torch

from explorer.core.device import generator
from explorer.core.types import Data
from explorer.data import dataset
from explorer.data._frequencies import SCALES, Frequencies, varied

SIZES = {"train": 1297, "test": 500}


@dataset(
    "Handwritten digits 8×8",
    shape=(1, 8, 8),
    classes=tuple("0123456789"),
    unit=1000,
    norm="linf",
    eps={"linf": 150, "l2": 1000, "l1": 4000, "l0": 5},
    first=2,
    sizes=SIZES,
    object="bright",  # its bright pixels
    scales={"frequencies": SCALES},
)
def digits(split: str, *, frequencies: Frequencies = "all") -> Data:
    """1,797 handwritten digits of 8×8 pixels with 17 grey levels (UCI test set of Alpaydin & Kaynak).

    The order is scikit-learn's after one fixed shuffle: the last 500 are the test split. Other frequencies than "all"
    are those of Ortiz-Jimenez, Modas et al. 2020 (arXiv:2002.06349), every change of a picture shrunk by `scales`.
    """
    from sklearn.datasets import load_digits  # slow to import, and not needed by every process

    bunch = load_digits()
    x = torch.from_numpy(bunch.images / 16).float()[:, None]  # (N, 1, 8, 8)
    y = torch.from_numpy(bunch.target).long()
    order = torch.randperm(len(y), generator=generator(0))
    chosen = order[: SIZES["train"]] if split == "train" else order[SIZES["train"] :]
    return Data(varied(x[chosen], frequencies), y[chosen], tuple("0123456789"))
