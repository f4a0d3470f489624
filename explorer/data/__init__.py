"""Data sets: one file each, a plain function `(split, **knobs) -> Data`.

A slow one may take a `tick`, and `first`: how many of its pictures suffice (0: it gives all); more do no harm.
"""

import inspect
from collections.abc import Mapping
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
    return _load(name, split, 0, tick, knobs)


def load_first(name: str, split: str, count: int, *, tick: Tick = silent, **knobs: Any) -> Data:
    """Load the first `count` pictures of a split as `load_data` does, which may take much less time."""
    return _load(name, split, count, tick, knobs).first(count)


def _load(name: str, split: str, first: int, tick: Tick, knobs: Mapping[str, Any]) -> Data:
    entry = DATA[name]
    if split not in SPLITS:
        raise UserError(f"split = {str(split)[:40]!r} is not one of {', '.join(SPLITS)}.")
    values = fill(entry.knobs, knobs)
    known = inspect.signature(entry.run).parameters
    extra = {key: value for key, value in (("tick", tick), ("first", first)) if key in known}
    key = (name, split, extra.get("first", 0), *sorted(values.items()))
    return _SHELF.get(key, lambda: entry.run(split, **values, **extra))


@lru_cache(maxsize=32)
def data_digest(name: str, split: str, knobs: tuple[tuple[str, Any], ...] = ()) -> str:
    """Return the digest of a split's pictures and labels; `knobs` are sorted pairs."""
    data = load_data(name, split, **dict(knobs))
    return of_arrays({"x": data.x.numpy(), "y": data.y.numpy()})
