"""Data sets in memory: those used last, each made once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from weakref import WeakValueDictionary

from explorer.core.types import Data


def _bytes(data: Data) -> int:
    return sum(tensor.nbytes for tensor in (data.x, data.y, *data.masks.values()))


class Shelf:
    """Keeps the data used last, up to `limit` bytes; the newest always.

    Threads that ask for one key at a time wait for the first of them. If that one fails or is
    cancelled, the next makes the data for itself.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._guard = limit, Lock()
        self._kept: OrderedDict[Hashable, Data] = OrderedDict()
        self._turns: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()

    def get(self, key: Hashable, make: Callable[[], Data]) -> Data:
        """Return the data kept under the key, made first where it is not."""
        with self._guard:
            turn = self._turns.setdefault(key, Lock())
        with turn:
            with self._guard:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
            data = make()
            with self._guard:
                self._kept[key] = data
                while len(self._kept) > 1 and sum(map(_bytes, self._kept.values())) > self._limit:
                    self._kept.popitem(last=False)
            return data
