import hashlib
import logging
import multiprocessing
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from explorer.core.results import Plane
from explorer.work.folder import Folder, Memory
from explorer.work.pack import to_bytes
from explorer.work.store import Store

KEY, OTHER = "a" * 64, "b" * 64


def plane(value: float, size: int = 10) -> Plane:
    return Plane(np.full((size,), value, np.float32))


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "cache", shipped=tmp_path / "shipped")


def fresh(tmp_path, **bounds) -> Store:
    return Store(tmp_path / "cache", shipped=tmp_path / "shipped", **bounds)


def file_of(tmp_path, key: str = KEY) -> Path:
    return tmp_path / "cache" / "results" / f"{key}.safetensors"


def test_a_result_is_kept_in_memory_and_on_disk(store, tmp_path):
    assert store.get(KEY) is None
    kept = store.put(KEY, plane(3))
    assert store.get(KEY) is kept
    assert not kept.probabilities.flags.writeable
    np.testing.assert_array_equal(fresh(tmp_path).get(KEY).probabilities, plane(3).probabilities)


@pytest.mark.parametrize("harm", [lambda raw: raw[:-1], lambda raw: b"", lambda raw: raw[:-1] + b"\x99"])
def test_a_damaged_file_is_a_miss_and_goes(store, tmp_path, harm):
    store.put(KEY, plane(3))
    path = file_of(tmp_path)
    path.write_bytes(harm(path.read_bytes()))
    assert fresh(tmp_path).get(KEY) is None
    assert not path.exists()


def test_shipped_results_are_found_and_never_removed(tmp_path):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / f"{KEY}.safetensors").write_bytes(to_bytes(plane(1)))
    (shipped / f"{OTHER}.safetensors").write_bytes(b"damaged")
    store = fresh(tmp_path)
    assert store.get(KEY).probabilities[0] == 1
    assert store.get(OTHER) is None
    assert (shipped / f"{OTHER}.safetensors").exists()
    assert not file_of(tmp_path).exists()


def test_a_damaged_file_gives_way_to_the_shipped_one(tmp_path):
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / f"{KEY}.safetensors").write_bytes(to_bytes(plane(1)))
    file_of(tmp_path).parent.mkdir(parents=True)
    file_of(tmp_path).write_bytes(b"damaged")
    assert fresh(tmp_path).get(KEY).probabilities[0] == 1


def test_the_disk_is_bounded_and_the_least_recently_read_goes_first(tmp_path):
    size = len(to_bytes(plane(0, 1000)))
    store = fresh(tmp_path, disk=int(3.5 * size))
    keys = [digit * 64 for digit in "0123"]
    for age, key in enumerate(keys[:3]):
        store.put(key, plane(0, 1000))
        os.utime(file_of(tmp_path, key), (1000 + age, 1000 + age))
    assert fresh(tmp_path).get(keys[0]) is not None  # read: now the youngest
    store.put(keys[3], plane(0, 1000))
    assert [file_of(tmp_path, key).exists() for key in keys] == [True, False, True, True]


def test_memory_is_bounded_by_bytes():
    memory: Memory[str] = Memory(10)
    memory.put("a", "A", 4)
    memory.put("b", "B", 4)
    assert memory.get("a") == "A"  # now b is the oldest
    memory.put("c", "C", 4)
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("A", None, "C")
    memory.put("a", "A", 1)
    assert memory.size == 5
    memory.put("d", "D", 11)
    assert (memory.get("d"), memory.get("a"), memory.get("c")) == (None, "A", "C")


def test_nothing_of_a_broken_write_is_left(tmp_path, monkeypatch):
    folder = Folder(tmp_path, 100)

    def fail(source, target):
        raise OSError("disk full")

    monkeypatch.setattr("explorer.work.folder.os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        folder.write("a", b"1")
    assert list(tmp_path.iterdir()) == []


def test_stale_temporary_files_are_cleared(tmp_path):
    stale, young = tmp_path / "x.tmp", tmp_path / "y.tmp"
    stale.write_bytes(b"1")
    young.write_bytes(b"1")
    os.utime(stale, (0, 0))
    Folder(tmp_path, 100).write("a", b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "y.tmp"]


def test_a_disk_that_cannot_be_written_leaves_memory(tmp_path, caplog):
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    store = fresh(tmp_path)
    with caplog.at_level(logging.WARNING):
        store.put(KEY, plane(3))
        assert store.get(OTHER) is None
        assert store.get_upload(store.put_upload(b"some picture")) == b"some picture"
    assert store.get(KEY).probabilities[0] == 3
    assert "cannot be kept" in caplog.text
    assert "cannot be read" in caplog.text


def test_a_folder_of_somebody_else_is_a_miss(tmp_path, monkeypatch, caplog):
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / f"{KEY}.safetensors").write_bytes(to_bytes(plane(1)))
    file_of(tmp_path).parent.mkdir(parents=True)
    file_of(tmp_path).write_bytes(b"damaged")

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert fresh(tmp_path).get(KEY).probabilities[0] == 1
    assert "cannot be removed: [Errno 13]" in caplog.text
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert fresh(tmp_path).get(KEY) is None
    assert "cannot be read: [Errno 13]" in caplog.text


def test_what_is_in_memory_is_recalled_without_the_disk(store, tmp_path):
    kept = store.put(KEY, plane(3))
    assert store.recall(KEY) is kept
    assert fresh(tmp_path).recall(KEY) is None


def test_uploads_come_back_by_their_sha256(store, tmp_path):
    raw = b"some picture"
    sha = store.put_upload(raw)
    assert sha == hashlib.sha256(raw).hexdigest()
    assert store.get_upload(sha) == raw
    assert fresh(tmp_path).get_upload(sha) == raw
    path = tmp_path / "cache" / "uploads" / sha
    path.write_bytes(b"other bytes")
    assert fresh(tmp_path).get_upload(sha) is None
    assert not path.exists()


@pytest.mark.parametrize("name", ["", "../results/x", "/etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_names_of_contents_are_looked_up(store, name):
    assert store.get_upload(name) is None
    assert store.get(name) is None


def test_without_a_folder_it_keeps_things_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    sha = Store(shipped=tmp_path / "none").put_upload(b"picture")
    assert (tmp_path / "uploads" / sha).read_bytes() == b"picture"


def _hammer(path: Path, seed: int) -> None:
    """Write and read the same few results again and again; a torn file would be noticed as damaged."""
    size = len(to_bytes(plane(0, 2000)))
    for i in range(30):
        store = Store(path / "cache", shipped=path / "shipped", disk=2 * size, memory=0)
        store.put(f"{(i + seed) % 4}" * 64, plane(0, 2000))
        found = store.get(f"{i % 4}" * 64)
        assert found is None or found.probabilities.shape == (2000,)


def test_threads_and_processes_share_a_folder(tmp_path, caplog):
    other = multiprocessing.get_context("spawn").Process(target=_hammer, args=(tmp_path, 9))
    other.start()
    failures: list[BaseException] = []

    def guarded(seed: int) -> None:
        try:
            _hammer(tmp_path, seed)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(seed,)) for seed in range(4)]
    with caplog.at_level(logging.WARNING):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        other.join()
    assert failures == []
    assert other.exitcode == 0
    assert caplog.text == ""
