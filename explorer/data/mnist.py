"""MNIST: handwritten digits in IDX files."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import torch

from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.types import Data
from explorer.data import dataset
from explorer.data._files import Source, find
from explorer.data._frequencies import SCALES, Frequencies, varied

SOURCE = Source(
    "mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    {
        "train-images-idx3-ubyte.gz": (
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        "train-labels-idx1-ubyte.gz": (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        "t10k-images-idx3-ubyte.gz": (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        "t10k-labels-idx1-ubyte.gz": (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    },
)
CLASSES = tuple("0123456789")
SIZES = {"train": 60_000, "test": 10_000}
MEND = "replace it with the official file, or delete it to have it downloaded"


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return the unsigned bytes of a gzipped IDX file; `UserError` if it is damaged or not of this shape."""
    header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
    size = len(header) + math.prod(shape)
    try:
        with gzip.open(path) as file:
            raw = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}): {MEND}.") from error
    if len(raw) != size or not raw.startswith(header):
        raise UserError(f"{path} is not an IDX file of {'×'.join(map(str, shape))} bytes: {MEND}.")
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape)


def read_labels(path: Path, count: int) -> np.ndarray:
    """Return the labels (count,) of a gzipped IDX file; `UserError` if it does not hold that many digits."""
    labels = read_idx(path, (count,))
    if labels.max() > 9:
        raise UserError(f"{path} holds the label {labels.max()}, MNIST's are 0 to 9: {MEND}.")
    return labels


@dataset(
    "MNIST handwritten digits",
    shape=(1, 28, 28),
    classes=CLASSES,
    unit=1000,  # not 255: the literature's budget is 0.3
    norm="linf",
    eps={"linf": 300, "l2": 2000, "l1": 10000, "l0": 20},
    first=70,
    sizes=SIZES,
    object="bright",  # its bright pixels
    scales={"frequencies": SCALES},
)
def mnist(split: str, *, frequencies: Frequencies = "all", first: int = 0, tick: Tick = silent) -> Data:
    """60,000 training and 10,000 test digits of 28×28 grey pixels (LeCun, Cortes & Burges).

    Read from EXPLORER_DATA/mnist, else downloaded once to the user's cache. Other frequencies than "all" are those of
    Ortiz-Jimenez, Modas et al. 2020 (arXiv:2002.06349), every change of a picture shrunk by `scales`.
    """
    stem, count = "train" if split == "train" else "t10k", SIZES[split]
    x = read_idx(find(SOURCE, f"{stem}-images-idx3-ubyte.gz", tick), (count, 28, 28))
    y = read_labels(find(SOURCE, f"{stem}-labels-idx1-ubyte.gz", tick), count)
    x, y = x[: first or None], y[: first or None]
    pixels = torch.from_numpy(x.astype(np.float32) / 255)[:, None]  # (N, 1, 28, 28)
    return Data(varied(pixels, frequencies), torch.from_numpy(y.astype(np.int64)), CLASSES)
