"""Standard output kept clean of what a solver's C code prints there."""

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock, _inside, _kept = threading.Lock(), 0, 0


@contextmanager
def aside() -> Iterator[None]:
    """Let what C code prints to standard output go to standard error: HiGHS prints a line now and then, asked or not.

    The command line promises that nothing but its answer is on standard output. The last thread to leave restores it.
    """
    global _inside, _kept
    c = ctypes.CDLL(None) if os.name == "posix" else ctypes.cdll.msvcrt
    with _lock:
        if not _inside:
            sys.stdout.flush()
            _kept = os.dup(1)
            os.dup2(2, 1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                c.fflush(None)
                os.dup2(_kept, 1)
                os.close(_kept)
