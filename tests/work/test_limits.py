"""Work in a process of its own: what goes in and out, and every way in which it may end badly."""

import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.work import limits
from explorer.work.limits import in_limits

GB = 2**30
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds all of this")


def twice(arrays, meta):
    print("no part of the answer")
    return {name: 2 * array for name, array in arrays.items()}, {**meta, "process": os.getpid()}


def refuse(arrays, meta):
    raise UserError("Not this one.")


def fault(arrays, meta):
    raise ZeroDivisionError("oops")


def hoard(arrays, meta):
    return {"x": np.ones(2 * GB, np.uint8)}, {}


def die(arrays, meta):
    os.kill(os.getpid(), signal.SIGSEGV)


def spin(arrays, meta):
    while True:
        pass


def sleep(arrays, meta):
    time.sleep(60)


def write(arrays, meta):
    with open(meta["path"], "wb") as file:
        file.write(b"x")
    return {}, {}


def run(work, meta=None, *, seconds=60, memory=GB, **more):
    """Run a function of this file in another process."""
    return in_limits(
        work,
        {"x": np.arange(6).reshape(2, 3), "nothing": np.float32(1)},
        meta or {},
        seconds=seconds,
        memory=memory,
        **more,
    )


def test_arrays_and_words_go_and_come():
    arrays, meta = run(twice, {"word": "ä", "list": [1, None]})
    assert np.array_equal(arrays["x"], np.arange(6).reshape(2, 3) * 2)
    assert arrays["nothing"].shape == ()
    assert meta.pop("process") != os.getpid()
    assert meta == {"word": "ä", "list": [1, None]}


def test_a_refusal_is_its_sentence():
    with pytest.raises(UserError, match=r"^Not this one\.$"):
        run(refuse)


def test_a_fault_is_a_sentence():
    with pytest.raises(
        UserError, match=r"^The file could not be read; an internal error \(ZeroDivisionError: oops\)\.$"
    ):
        run(fault)


@linux
def test_memory_is_bounded():
    with pytest.raises(UserError, match="takes more than 1 GB of memory"):
        run(hoard)


def test_a_death_is_a_sentence():
    with pytest.raises(UserError, match="signal 11 ended the process"):
        run(die)


@linux
def test_computing_time_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "_answer", lambda child, seconds, tick: child.communicate())
    with pytest.raises(UserError, match="took more than 1 GB of memory or 1 s of computing"):
        run(spin, seconds=1)


def test_the_clock_is_watched():
    start = time.monotonic()
    with pytest.raises(UserError, match="took more than 1 s and was given up"):
        run(sleep, seconds=1)
    assert time.monotonic() - start < 30


@linux
def test_no_file_is_written(tmp_path):
    with pytest.raises(UserError, match="File too large"):
        run(write, {"path": str(tmp_path / "new")})


def test_a_tick_cancels_and_the_process_is_gone():
    seen = []

    def tick(done, total, note=""):
        seen.append((total, note))
        raise Cancelled

    with pytest.raises(Cancelled):
        run(sleep, tick=tick)
    assert seen == [(60, "reading the file")]


def test_others_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr(limits, "PLACES", threading.BoundedSemaphore(1))
    limits.PLACES.acquire()
    notes = []

    def tick(done, total, note=""):
        notes.append(note)
        if len(notes) == 2:
            limits.PLACES.release()

    assert run(twice, tick=tick)[1]["process"]
    assert notes[:2] == ["waiting for other files to be read"] * 2
    assert limits.PLACES.acquire(blocking=False)
