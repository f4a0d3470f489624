"""CIFAR-10: small colour photographs in binary batches (never the pickled ones)."""

from pathlib import Path

import numpy as np
import torch

from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.types import Data
from explorer.data import dataset
from explorer.data._files import Source, find

SOURCE = Source(
    "cifar-10-batches-bin",
    "https://www.cs.toronto.edu/~kriz/",
    {
        "cifar-10-binary.tar.gz": (
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        )
    },
)
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZES = {"train": 50_000, "test": 10_000}
BATCH, RECORD = 10_000, 1 + 3 * 32 * 32  # a record: a label byte, then the channels one after the other
FILES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
MEND = "replace it with the official file, or delete it to have it downloaded"


def read_batch(path: Path) -> np.ndarray:
    """Return the (10000, 3073) bytes of a binary batch; `UserError` if it is not one."""
    try:
        raw = np.fromfile(path, np.uint8, BATCH * RECORD + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): {MEND}.") from error
    if raw.size != BATCH * RECORD:
        raise UserError(f"{path} is not a CIFAR-10 binary batch of {BATCH * RECORD} bytes: {MEND}.")
    if (label := raw[::RECORD].max()) > 9:
        raise UserError(f"{path} holds the label {label}, CIFAR-10's are 0 to 9: {MEND}.")
    return raw.reshape(BATCH, RECORD)


@dataset(
    "CIFAR-10 photographs",
    shape=(3, 32, 32),
    classes=CLASSES,
    unit=255,
    norm="linf",
    eps={"linf": 8, "l2": 128, "l1": 3060, "l0": 10},
    first=109,  # a horse
    sizes=SIZES,
)
def cifar10(split: str, *, first: int = 0, tick: Tick = silent) -> Data:
    """50,000 training and 10,000 test photographs of 32×32 colour pixels (Krizhevsky 2009).

    Read from EXPLORER_DATA/cifar-10-batches-bin, else downloaded once to the user's cache.
    """
    files = FILES[split][: -(-first // BATCH) or None]
    records = np.concatenate([read_batch(find(SOURCE, name, tick)) for name in files])[: first or None]
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32)
    pixels /= 255
    return Data(torch.from_numpy(pixels), torch.from_numpy(records[:, 0].astype(np.int64)), CLASSES)
