import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from explorer.data import cifar10, mnist


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=1)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """An EXPLORER_DATA in the official formats and sizes: picture i has label i mod 10 and one pixel of i mod 256."""
    root = tmp_path_factory.mktemp("made")
    folder = root / mnist.SOURCE.folder
    folder.mkdir()
    for stem, count in (("train", 60_000), ("t10k", 10_000)):
        i = np.arange(count)
        pictures = np.zeros((count, 28, 28), np.uint8)
        pictures[:, 3, 5] = i % 256
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(idx(pictures))
        (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(idx((i % 10).astype(np.uint8)))

    folder = root / cifar10.SOURCE.folder
    folder.mkdir()
    i = np.arange(10_000)
    records = np.zeros((10_000, 3073), np.uint8)
    records[:, 0] = i % 10
    records[:, 1 + 2 * 1024 + 3 * 32 + 5] = i % 256  # blue, row 3, column 5
    records.tofile(folder / "test_batch.bin")
    for name in cifar10.FILES["train"]:
        os.link(folder / "test_batch.bin", folder / name)
    return root


@pytest.fixture(scope="session")
def files(made, tmp_path_factory):
    """An EXPLORER_DATA with every downloadable data set: this machine's own where it has it, else the made one."""
    root, own = tmp_path_factory.mktemp("files"), os.environ.get("EXPLORER_DATA")
    for name in (mnist.SOURCE.folder, cifar10.SOURCE.folder):
        found = own is not None and (Path(own) / name).is_dir()
        (root / name).symlink_to((Path(own) if found else made) / name)
    return root
