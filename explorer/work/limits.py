"""Reading what strangers upload: in a process of its own, with bounded memory and time.

The process is a fresh interpreter. What it is given and what it gives back are safetensors with JSON beside
them: nothing is pickled in either direction.
"""

import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent

Arrays = dict[str, np.ndarray]
Meta = dict[str, Any]
Work = Callable[[Arrays, Meta], tuple[Arrays, Meta]]
PLACES = threading.BoundedSemaphore(2)  # at once; others wait for their turn
PAUSE = 0.2  # seconds between two ticks
THREADS = min(4, os.cpu_count() or 1)
log = logging.getLogger(__name__)


def in_limits(
    work: Work, arrays: Arrays, meta: Meta, *, seconds: int, memory: int, tick: Tick = silent
) -> tuple[Arrays, Meta]:
    """Return `work(arrays, meta)`, computed in another process; `work` is a function of a module.

    seconds : of the clock, and of computing on each of its threads
    memory : bytes beyond what Python and torch take themselves (where the system can bound them)

    It can write no files. Raises `UserError`: what `work` raised, or that a limit was reached, or that the
    process died; and `Cancelled` from `tick`, after which the process is gone.
    """
    command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
    command += [f"{work.__module__}:{work.__qualname__}", str(seconds), str(memory)]
    few = {"OMP_NUM_THREADS": str(THREADS), "MKL_NUM_THREADS": str(THREADS), "MALLOC_ARENA_MAX": "2"}
    same = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # it imports what this process would
    while not PLACES.acquire(timeout=PAUSE):
        tick(0, 0, "waiting for other files to be read")
    try:
        with tempfile.TemporaryFile() as given:
            given.write(_packed(arrays, meta))
            given.seek(0)
            with subprocess.Popen(
                command, env=os.environ | few | same, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as child:
                try:
                    out, err = _answer(child, seconds, tick)
                finally:
                    child.kill()
    finally:
        PLACES.release()
    if err:
        log.info("reading a file: %s", err.decode(errors="replace"))
    if child.returncode > 0:
        raise RuntimeError(f"the process that reads files ended with status {child.returncode}")
    if child.returncode < 0:
        raise UserError(
            f"Reading the file took more than {memory / 2**30:.2g} GB of memory or {seconds} s of computing, "
            f"or it is damaged (signal {-child.returncode} ended the process that read it)."
        )
    found, said = _unpacked(out)
    if "refused" in said:
        raise UserError(said["refused"])
    return found, said


def _answer(child: "subprocess.Popen[bytes]", seconds: int, tick: Tick) -> tuple[bytes, bytes]:
    """Wait for what the process writes."""
    start = time.monotonic()
    while True:
        try:
            return child.communicate(timeout=PAUSE)
        except subprocess.TimeoutExpired:
            spent = int(time.monotonic() - start)
        tick(min(spent, seconds), seconds, "reading the file")
        if spent > seconds:
            raise UserError(f"Reading the file took more than {seconds} s and was given up.")


def serve() -> None:
    """Do one piece of work in this process, as `in_limits` asks."""
    name, seconds, memory = sys.argv[1:]
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    module, _, function = name.partition(":")
    work: Work = getattr(importlib.import_module(module), function)
    blob = sys.stdin.buffer.read()
    _restrict(int(seconds), int(memory))
    try:
        answer = _packed(*work(*_unpacked(blob)))
    except UserError as error:
        answer = _packed({}, {"refused": str(error)})
    except Exception as error:  # a fault of ours in a file of theirs: the person hears of it, the log has the rest
        traceback.print_exc()
        answer = _packed({}, {"refused": _sentence(error, int(memory))})
    out.write(answer)
    out.close()
    os._exit(0)  # taking torch apart would take a while


def _sentence(error: Exception, memory: int) -> str:
    if isinstance(error, MemoryError) or "allocate memory" in str(error):  # as torch says it
        return f"Reading the file takes more than {memory / 2**30:.2g} GB of memory."
    what = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    return f"The file could not be read; an internal error ({what})."


def _restrict(seconds: int, memory: int) -> None:
    """Bound this process for good, where the system knows such bounds."""
    try:
        import resource
    except ImportError:  # Windows: the clock alone is watched
        return
    now = 0
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    bounds = {
        resource.RLIMIT_AS: now + memory,
        resource.RLIMIT_CPU: seconds * THREADS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError) as error:  # macOS bounds no address space
            print(f"no bound of kind {kind}: {error}", file=sys.stderr)


def _packed(arrays: Arrays, meta: Meta) -> bytes:
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()}, {"meta": json.dumps(meta)})


def _unpacked(blob: bytes) -> tuple[Arrays, Meta]:
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + size])
    return load(blob), json.loads(header["__metadata__"]["meta"])
