"""Results and uploaded pictures by their content's name: in memory, on disk, and as shipped."""

import hashlib
import logging
import re
from pathlib import Path
from typing import Any

from explorer.core.assets import assets
from explorer.core.cache import cache_folder
from explorer.work.folder import Folder, Memory
from explorer.work.once import Once
from explorer.work.pack import Damaged, from_bytes, to_bytes

MEMORY, DISK = 256 * 2**20, 2**30  # bytes
NAME = re.compile("[0-9a-f]{64}")
log = logging.getLogger(__name__)


class Store:
    """What has been computed, by `Request.key`, and what has been uploaded, by its sha256.

    folder : the cache on disk, `cache_folder()` unless given
    shipped : results that come with the product, read only
    memory, disk : bounds in bytes, for results and for uploads each

    A file that is damaged or cut short counts as absent and is removed. A disk that cannot be
    read or written is logged, and memory serves alone. Safe to share between threads and processes.
    """

    def __init__(
        self, folder: Path | None = None, *, shipped: Path | None = None, memory: int = MEMORY, disk: int = DISK
    ) -> None:
        folder = folder or cache_folder()
        self._results, self._pictures = Folder(folder / "results", disk), Folder(folder / "uploads", disk)
        self._shipped = Folder(shipped or assets() / "results", 0)
        self._known: Memory[Any] = Memory(memory)
        self._raw: Memory[bytes] = Memory(memory)

    def recall(self, key: str) -> Any | None:
        """Return the result of a key if it is in memory, or None; never waits for the disk."""
        return self._known.get(key)

    def get(self, key: str) -> Any | None:
        """Return the result of a key, or None. Its arrays are read-only: everybody shares them."""
        found = self.recall(key)
        if found is None and NAME.fullmatch(key):
            found = self._read(key)
        return found

    def put(self, key: str, result: Any) -> Any:
        """Keep a result; return it as everybody will see it."""
        return self.put_bytes(key, to_bytes(result))

    def put_bytes(self, key: str, blob: bytes) -> Any:
        """Keep a packed result; return it unpacked. Raises `Damaged`."""
        result = from_bytes(blob)
        self._known.put(key, result, len(blob))
        _write(self._results, f"{key}.safetensors", blob)
        return result

    def put_upload(self, raw: bytes) -> str:
        """Keep an uploaded picture as it came; return its sha256."""
        sha = _sha256(raw)
        self._raw.put(sha, raw, len(raw))
        _write(self._pictures, sha, raw)
        return sha

    def get_upload(self, sha: str) -> bytes | None:
        """Return the bytes of an uploaded picture, or None where it is not (or no longer) here."""
        if not NAME.fullmatch(sha):
            return None
        raw = self._raw.get(sha)
        if raw is None and (raw := self._pictures.read(sha)) is not None:
            if _sha256(raw) != sha:
                log.warning("the upload %s in %s is damaged and removed", sha, self._pictures.path)
                self._pictures.remove(sha)
                return None
            self._raw.put(sha, raw, len(raw))
        return raw

    def _read(self, key: str) -> Any | None:
        name = f"{key}.safetensors"
        for folder, ours in ((self._results, True), (self._shipped, False)):
            blob = folder.read(name)
            if blob is None:
                continue
            try:
                result = from_bytes(blob)
            except Damaged as error:
                log.warning("%s in %s is left out: %s", name, folder.path, error)
                if ours:
                    folder.remove(name)
            else:
                self._known.put(key, result, len(blob))
                return result
        return None


@Once
def shared_store() -> Store:
    """Return the process's one store."""
    return Store()


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _write(folder: Folder, name: str, raw: bytes) -> None:
    try:
        folder.write(name, raw)
    except OSError as error:
        log.warning("%s cannot be kept in %s: %s", name, folder.path, error)
