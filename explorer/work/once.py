"""One object for the whole process, however many threads ask for it first."""

import functools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Decorate a function without parameters: the first call makes the object, every other returns it.

    `functools.cache` would let several first callers make one each.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._lock = threading.Lock()
        self._made: list[T] = []
        self._make = make
        functools.update_wrapper(self, make)

    def __call__(self) -> T:
        """Return the object, made first where it is not; callers wait for each other."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def cache_clear(self) -> None:
        """Forget the object: the next call makes another."""
        with self._lock:
            self._made.clear()
