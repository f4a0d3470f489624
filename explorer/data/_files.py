"""Files of the downloadable data sets: from EXPLORER_DATA, else from a checked download."""

import os
import shutil
import tarfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pooch
from filelock import FileLock

from explorer.core.cache import cache_folder
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent

CHUNK = 1 << 18  # bytes between two ticks


@dataclass(frozen=True, slots=True)
class Source:
    """Where a data set's files come from.

    folder: its name below EXPLORER_DATA and the cache; url: ends in a slash; files: length in bytes
    and sha256 of what is downloaded, the files themselves or one tar archive of them.
    """

    folder: str
    url: str
    files: Mapping[str, tuple[int, str]]


class _Bar:
    """A download told to a tick, in the few methods that pooch asks of a progress bar."""

    def __init__(self, tick: Tick, name: str, size: int) -> None:
        self._tick, self._name, self._size, self._done = tick, name, size, 0

    @property
    def total(self) -> int:
        return self._size

    @total.setter
    def total(self, announced: int) -> None:
        if announced not in (0, self._size):  # 0: the server does not say
            raise ValueError(f"the server announces {announced} bytes in place of {self._size}")

    def update(self, count: int) -> None:
        self._done = min(self._done + count, self._size)
        self._tick(self._done, self._size, f"downloading {self._name}")

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Leave the last tick standing."""


def find(source: Source, name: str, tick: Tick = silent) -> Path:
    """Return a file of the data set: the one in EXPLORER_DATA, else the one in the cache, downloaded once.

    A download is renamed to its name only when whole and of the right sha256. Files in EXPLORER_DATA
    may be packed otherwise than the official ones: only their reader checks them.

    Raises `UserError` where the file is neither there nor to be had.
    """
    root = os.environ.get("EXPLORER_DATA")
    given = Path(root).expanduser() / source.folder / name if root else None
    if given is not None and given.is_file():
        return given
    path = cache_folder() / source.folder / name
    wanted = name if name in source.files else next(iter(source.files))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / "lock"):  # a second process waits, then finds the file
            if name == wanted:
                _download(source, wanted, tick)
            elif not path.is_file():
                _unpack(_download(source, wanted, tick))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        here = f"put {name} into {given.parent}" if given else f"put {wanted} into {path.parent}"
        raise UserError(f"{wanted} could not be downloaded from {source.url} ({reason}): {here}.") from error
    return path


def _download(source: Source, name: str, tick: Tick) -> Path:
    """Return the file in the cache; one of another sha256 is replaced. Holds the folder's lock."""
    folder, (size, sha256) = cache_folder() / source.folder, source.files[name]
    for leftover in folder.glob("tmp*"):  # of a process that was killed
        leftover.unlink()
    with ExitStack() as stack:

        def close_after(response: Any, *_: Any, **__: Any) -> None:
            stack.callback(response.close)

        get = pooch.HTTPDownloader(
            progressbar=_Bar(tick, name, size),
            chunk_size=CHUNK,
            headers={"Accept-Encoding": "identity"},
            hooks={"response": close_after},
        )
        return Path(pooch.retrieve(source.url + name, f"sha256:{sha256}", fname=name, path=folder, downloader=get))


def _unpack(archive: Path) -> None:
    """Move the archive's files beside it, each renamed to its name only when whole."""
    part = archive.with_name("tmp")
    with tarfile.open(archive) as tar:
        for member in tar:
            if (packed := tar.extractfile(member)) is not None:
                with packed, part.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                part.replace(archive.with_name(Path(member.name).name))
    archive.unlink()
