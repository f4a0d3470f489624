import gzip

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.data import DATA
from explorer.data.mnist import read_idx, read_labels

HEADER = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3])
WHOLE = HEADER + bytes([0, 50, 100, 150, 200, 250])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.gz"


@pytest.mark.parametrize("level", [0, 9])
def test_an_idx_file_is_read_however_it_is_packed(path, level):
    path.write_bytes(gzip.compress(WHOLE, compresslevel=level))
    assert read_idx(path, (2, 3)).tolist() == [[0, 50, 100], [150, 200, 250]]


PACKED = gzip.compress(WHOLE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip at all",
        PACKED[:-9],
        PACKED[:14],
        PACKED[:12] + b"\xff\xff\xff" + PACKED[15:],
        PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:],
        gzip.compress(WHOLE[:-1]),
        gzip.compress(WHOLE + b"\0"),
        gzip.compress(b"\0\0\x08\x02\0\0\0\x03\0\0\0\x02" + WHOLE[12:]),
        gzip.compress(b"\0\0\x0d\x02" + WHOLE[4:]),
    ],
    ids=["empty", "not gzip", "cut", "cut early", "bad bits", "wrong checksum", "short", "long", "shape", "type"],
)
def test_a_damaged_or_wrong_file_is_refused_in_one_sentence(path, content):
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_idx(path, (2, 3))
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith("official file, or delete it to have it downloaded.")
    assert "\n" not in message


def test_a_label_above_nine_is_refused(path):
    path.write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x03" + bytes([1, 10, 3])))
    with pytest.raises(UserError, match=r"file\.gz holds the label 10"):
        read_labels(path, 3)


@pytest.mark.parametrize(("split", "count"), [("train", 60_000), ("test", 10_000)])
def test_pixels_and_labels_are_the_files_in_their_order(made, monkeypatch, split, count):
    monkeypatch.setenv("EXPLORER_DATA", str(made))
    data = DATA["mnist"].run(split)
    i = torch.arange(count)
    assert torch.equal(data.y, i % 10)
    assert torch.equal(data.x[:, 0, 3, 5], torch.from_numpy((i % 256).numpy().astype(np.float32) / 255))
    assert data.x.sum(dtype=torch.float64) == data.x[:, 0, 3, 5].sum(dtype=torch.float64)
