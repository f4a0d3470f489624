"""Bounded places for bytes and objects: the least recently used go first."""

import contextlib
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Generic, TypeVar

V = TypeVar("V")
log = logging.getLogger(__name__)
STALE = 3600.0  # seconds after which a temporary file belongs to nobody
SLACK = 0.9  # an overfull folder shrinks to this share of its limit, so that not every write deletes


class Folder:
    """Files by name in one folder, at most `limit` bytes of them; shared by any number of processes.

    A file is written beside its place and renamed, so a reader sees all of it or none. Reading it
    stamps its time of last change, which is what the oldest are told by. A disk that refuses to read
    or to remove is logged; one that refuses to write raises `OSError`.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit = path, limit

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file, or none that can be read."""
        path = self.path / name
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s cannot be read: %s", path, error)
            return None
        with contextlib.suppress(OSError):  # removed since, or a folder that may only be read
            os.utime(path)
        return raw

    def write(self, name: str, raw: bytes) -> None:
        """Write a file, whole or not at all, and make room for it."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            os.replace(temporary, self.path / name)
        except BaseException:
            self.remove(temporary)
            raise
        self._shrink()

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed: %s", self.path / name, error)

    def _shrink(self) -> None:
        files = []
        for entry in os.scandir(self.path):
            with contextlib.suppress(FileNotFoundError):  # another process removed it
                found = entry.stat()
                if not entry.name.endswith(".tmp"):
                    files.append((found.st_mtime_ns, found.st_size, entry.name))
                elif found.st_mtime < time.time() - STALE:
                    self.remove(entry.name)
        total = sum(size for _, size, _ in files)
        if total <= self.limit:
            return
        for _, size, name in sorted(files):
            self.remove(name)
            total -= size
            if total <= self.limit * SLACK:
                return


class Memory(Generic[V]):
    """Objects by name, at most `limit` bytes of them; shared by any number of threads."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._items: OrderedDict[str, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> V | None:
        """Return an object, now the most recently used, or None."""
        with self._lock:
            if name not in self._items:
                return None
            self._items.move_to_end(name)
            return self._items[name][0]

    def put(self, name: str, value: V, size: int) -> None:
        """Keep an object of `size` bytes; one larger than the limit is not kept."""
        with self._lock:
            if name in self._items:
                self.size -= self._items.pop(name)[1]
            if size > self.limit:
                return
            self._items[name] = (value, size)
            self.size += size
            while self.size > self.limit:
                self.size -= self._items.popitem(last=False)[1][1]
