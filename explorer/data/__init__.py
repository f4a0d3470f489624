"""Data sets: one file each, a plain function `(split, **knobs) -> Data`; a slow one may take a `tick`."""

import inspect
from functools import lru_cache
from typing import Any

from explorer.core.digest import of_arrays
from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.progress import Tick, silent
from explorer.core.registry import Registry
from explorer.core.types import Data
from explorer.data._shelf import Shelf

DATA = Registry("explorer.data", "data set")
dataset = DATA.register
SPLITS = ("train", "test")
_SHELF = Shelf(limit=1 << 30)


def load_data(name: str, split: str = "test", *, tick: Tick = silent, **knobs: Any) -> Data:
    """Load a split of a data set; the sets used last stay in memory, so do not write into them.

    tick : told of downloads and of pictures drawn, in data sets that take one

    Raises `UserError` for an unknown name, split or knob, and where files are missing offline.
    """
    entry = DATA[name]
    if split not in SPLITS:
        raise UserError(f"split = {str(split)[:40]!r} is not one of {', '.join(SPLITS)}.")
    values = fill(entry.knobs, knobs)
    ear = {"tick": tick} if "tick" in inspect.signature(entry.run).parameters else {}
    return _SHELF.get((name, split, *sorted(values.items())), lambda: entry.run(split, **values, **ear))


@lru_cache(maxsize=32)
def data_digest(name: str, split: str, knobs: tuple[tuple[str, Any], ...] = ()) -> str:
    """Return the digest of a split's pictures and labels; `knobs` are sorted pairs."""
    data = load_data(name, split, **dict(knobs))
    return of_arrays({"x": data.x.numpy(), "y": data.y.numpy()})
