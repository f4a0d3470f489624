"""One computation as the engine carries it: out as a task, back as progress and an outcome."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from distributed import Worker, get_worker

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled, Tick
from explorer.data import load_data
from explorer.work.pack import to_bytes
from explorer.work.piece import Asked

Compute = Callable[..., Any]  # (request, *, uploaded, tick) -> result
TOPIC = "explorer-progress"
PAUSE = 0.2  # seconds between two reports
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What is sent: a request under its key, with the uploaded picture that it names."""

    key: str
    request: Asked
    uploaded: bytes | None
    priority: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task is; `total` 0 where that is not known."""

    done: int = 0
    total: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended: with a packed result, with a sentence, or because nobody waited any more."""

    phase: Literal["finished", "failed", "cancelled"]
    blob: bytes = b""
    sentence: str = ""


def perform(compute: Compute, task: Task, tick: Tick) -> Outcome:
    """Compute a task; whatever goes wrong becomes one sentence, and its traceback a matter of the log."""
    try:
        return Outcome("finished", to_bytes(compute(task.request, uploaded=task.uploaded, tick=tick)))
    except Cancelled:
        return Outcome("cancelled")
    except UserError as error:
        return Outcome("failed", sentence=str(error))
    except (MemoryError, torch.OutOfMemoryError):
        log.exception("out of memory: %s", task.request.address())
        return Outcome("failed", sentence="The memory did not suffice: choose fewer steps or a smaller model.")
    except Exception as error:
        log.exception("failed: %s", task.request.address())
        kind = type(error).__name__
        return Outcome("failed", sentence=f"The computation failed with an internal error ({kind}); the log says more.")


def perform_on_worker(compute: Compute, task: Task) -> Outcome:
    """Compute a task in a Dask worker, with progress as events of `TOPIC`."""

    def checked(request: Asked, *, uploaded: bytes | None, tick: Tick) -> Any:
        tick(0, 0)
        if not request.upload:  # the key asks for the data too, but tells nobody how far they are
            load_data(request.data, "test", tick=tick, **dict(request.data_knobs))
        if request.key != task.key:
            raise UserError("The cluster's workers have other models or data than this server: give them the same.")
        return compute(request, uploaded=uploaded, tick=tick)

    return perform(checked, task, _reporter(get_worker(), task.key))


def _reporter(worker: Worker, key: str) -> Tick:
    """Return a tick that publishes progress, and raises `Cancelled` once the scheduler has dropped the task.

    Dask frees a task that no client wants; its worker then knows it as cancelled, or not at all.
    """
    next_report = 0.0

    def report(done: int, total: int, note: str = "") -> None:
        nonlocal next_report
        now = time.monotonic()
        if now < next_report:
            return
        next_report = now + PAUSE
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":
            raise Cancelled
        worker.log_event(TOPIC, {"key": key, "done": done, "total": total, "note": note})

    return report
