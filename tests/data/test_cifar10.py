import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.data import DATA
from explorer.data.cifar10 import read_batch


def test_pixels_and_labels_are_the_files_channel_by_channel(made, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(made))
    data = DATA["cifar10"].run("test")
    i = torch.arange(10_000)
    assert torch.equal(data.y, i % 10)
    assert torch.equal(data.x[:, 2, 3, 5], torch.from_numpy((i % 256).numpy().astype(np.float32) / 255))
    assert data.x.sum(dtype=torch.float64) == data.x[:, 2, 3, 5].sum(dtype=torch.float64)


@pytest.mark.parametrize("size", [0, 10_000 * 3073 - 1, 10_000 * 3073 + 1, 10_000 * 3074])
def test_a_batch_of_another_size_is_refused(tmp_path, size):
    path = tmp_path / "test_batch.bin"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(UserError, match=r"test_batch\.bin is not a CIFAR-10 binary batch of 30730000 bytes.*\.$"):
        read_batch(path)


def test_a_label_above_nine_is_refused(tmp_path):
    path = tmp_path / "test_batch.bin"
    with path.open("wb") as file:
        file.truncate(10_000 * 3073)
        file.seek(7 * 3073)
        file.write(b"\x0a")
    with pytest.raises(UserError, match=r"test_batch\.bin holds the label 10"):
        read_batch(path)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"cannot be read.*official file"):
        read_batch(tmp_path)
