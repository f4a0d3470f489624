from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
import torch

from explorer.core.types import Data
from explorer.data._shelf import Shelf


def kilobytes(count):
    return Data(torch.zeros(count, 254), torch.zeros(count, dtype=torch.int64), ())  # 254·4 + 8 = 1024 bytes each


def test_threads_that_ask_for_one_thing_cause_one_computation():
    shelf, made, start = Shelf(1 << 20), [], Barrier(8)

    def make():
        made.append(1)
        Event().wait(0.05)
        return kilobytes(1)

    def ask(_):
        start.wait()
        return shelf.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert all(data is got[0] for data in got)


def test_another_key_does_not_wait():
    shelf, started, free = Shelf(1 << 20), Event(), Event()

    def slow():
        started.set()
        assert free.wait(10)
        return kilobytes(1)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shelf.get, "slow", slow)
        started.wait(10)
        quick = shelf.get("quick", lambda: kilobytes(2))
        assert not first.done()
        free.set()
        assert len(first.result()) == 1
    assert len(quick) == 2


def test_after_a_failure_the_next_makes_it():
    shelf = Shelf(1 << 20)
    with pytest.raises(OSError, match="broken"):
        shelf.get("key", lambda: (_ for _ in ()).throw(OSError("broken")))
    assert len(shelf.get("key", lambda: kilobytes(3))) == 3


def test_the_longest_unused_goes_when_the_shelf_is_full_and_the_newest_stays():
    shelf = Shelf(4 << 10)
    a, b = shelf.get("a", lambda: kilobytes(2)), shelf.get("b", lambda: kilobytes(2))
    assert shelf.get("a", lambda: kilobytes(2)) is a
    shelf.get("c", lambda: kilobytes(1))
    assert shelf.get("a", lambda: kilobytes(2)) is a
    assert shelf.get("b", lambda: kilobytes(2)) is not b
    large = shelf.get("large", lambda: kilobytes(100))
    assert shelf.get("large", lambda: kilobytes(100)) is large
