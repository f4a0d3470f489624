"""The engine: requests in, results out, each computed once however many wait for it."""

import itertools
import os
import threading
from typing import Any, Literal

from explorer.core.errors import UserError
from explorer.work.backend import Backend, Here
from explorer.work.cluster import Cluster
from explorer.work.compute import compute as compute_request
from explorer.work.job import Computation, Job, State
from explorer.work.once import Once
from explorer.work.pack import Damaged
from explorer.work.piece import Asked
from explorer.work.store import Store, shared_store
from explorer.work.task import Compute, Outcome, Progress, Task

Priority = Literal["person", "batch"]
URGENCY: dict[Priority, int] = {"person": 10, "batch": 0}
FAILURES_KEPT = 100


class Engine:
    """Computes requests in worker processes, or on a cluster, and keeps what they gave.

    compute : what is run for a request, `(request, *, uploaded, tick) -> result`; a function that
        worker processes can import
    local : compute in this process, within `submit`
    workers : of the embedded cluster; by default as many as cores and memory suggest

    Two sessions that ask for the same thing share one task. A watcher (a session's id) has one job of
    priority "person" at most: the next one that it submits replaces it. Safe to share between threads.
    """

    def __init__(
        self,
        compute: Compute = compute_request,
        *,
        local: bool = False,
        store: Store | None = None,
        workers: int | None = None,
    ) -> None:
        self.store = store or shared_store()
        self._lock = threading.RLock()
        self._serial = itertools.count()
        self._known: dict[str, Computation] = {}  # by key: those that go on, and those that failed
        self._present: dict[str, Computation] = {}  # by watcher: what its person waits for
        self._declined: dict[str, str] = {}  # by watcher: the key that its person cancelled last
        self._seen: dict[str, int] = {}  # by watcher: the serial of its last call
        self._backend: Backend = Here(compute, self._hear) if local else Cluster(compute, self._hear, workers)

    @property
    def ready(self) -> bool:
        """Whether workers are up; before that, jobs wait in the line."""
        return self._backend.ready

    @property
    def waiting(self) -> int:
        """How many watchers wait for something."""
        with self._lock:
            return len({name for found in self._known.values() if not found.state.ended for name in found.watchers})

    def warm(self) -> None:
        """Start the workers in the background; return at once."""
        self._backend.warm()

    def submit(self, request: Asked, watcher: str, priority: Priority = "person", again: bool = False) -> Job:
        """Return the job of a request, which `watcher` now waits for; cheap where there is one already.

        A result in the store gives a finished job, a mistake of a person a failed one. What failed, and
        what this watcher itself cancelled, stays so until it asks `again`: a page may redraw itself freely.
        Persons are served before batch work; the first to ask for a computation decides which it is.
        """
        try:
            key, mistake = request.key, ""
        except UserError as error:
            key, mistake = "", str(error)
        stored = self.store.get(key)  # before the lock: unpacking takes its time, and nobody else should wait for it
        uploaded = self.store.get_upload(request.upload)
        with self._lock:
            self._seen[watcher] = next(self._serial)
            if mistake:
                found = Computation(key, request, State("failed", sentence=mistake))
            elif self._declined.get(watcher) == key and not again:
                found = Computation(key, request, State("cancelled"))
            else:
                if priority == "person":
                    self._declined.pop(watcher, None)
                found = self._computation(key, request, stored, uploaded, priority, again)
            if not found.state.ended:
                found.watchers.add(watcher)
            if priority == "person":
                self._supersede(watcher, found)
            return Job(found, watcher, self._look, self._decline)

    def leave(self, watcher: str, after: float = 0.0) -> None:
        """Take a watcher from all its jobs, unless it submits something within `after` seconds."""
        if after > 0:
            timer = threading.Timer(after, self._leave_unless_seen, (watcher, self._seen.get(watcher)))
            timer.daemon = True
            timer.start()
            return
        with self._lock:
            self._seen.pop(watcher, None)
            self._declined.pop(watcher, None)
            for found in list(self._known.values()):
                self._leave(found, watcher)

    def _leave_unless_seen(self, watcher: str, before: int | None) -> None:
        if self._seen.get(watcher) == before:
            self.leave(watcher)

    def close(self) -> None:
        """Stop the workers for good."""
        self._backend.close()

    def _computation(
        self, key: str, request: Asked, stored: Any, uploaded: bytes | None, priority: Priority, again: bool
    ) -> Computation:
        """Return what is known of a key, or else start it: finished if the store has its result."""
        found = self._known.get(key)
        if found is not None and not (again and found.state.ended):
            return found
        self._known.pop(key, None)
        result = self.store.recall(key) if stored is None else stored  # it may have ended since the store was asked
        if result is not None:
            return Computation(key, request, State("finished", result=result))
        if request.upload and uploaded is None:
            gone = "The uploaded picture is no longer here: upload it again."
            return Computation(key, request, State("failed", sentence=gone))
        found = Computation(key, request, State("queued"), (-URGENCY[priority], next(self._serial)))
        self._known[key] = found
        self._backend.send(Task(key, request, uploaded, URGENCY[priority]))
        return found

    def _supersede(self, watcher: str, found: Computation) -> None:
        """Let a person wait for this, and for nothing else."""
        earlier = self._present.pop(watcher, None)
        if earlier is not None and earlier is not found:
            self._leave(earlier, watcher)
        if not found.state.ended:
            self._present[watcher] = found

    def _decline(self, found: Computation, watcher: str) -> None:
        """Take in that a person cancelled what it waits for."""
        with self._lock:
            if not found.state.ended and watcher in found.watchers:
                self._declined[watcher] = found.key
                self._leave(found, watcher)

    def _leave(self, found: Computation, watcher: str) -> None:
        found.watchers.discard(watcher)
        if self._present.get(watcher) is found:
            del self._present[watcher]
        if not found.watchers and not found.state.ended:
            self._backend.drop(found.key)
            self._end(found, State("cancelled"))

    def _look(self, found: Computation, watcher: str) -> State:
        """Return the state for one watcher, with what depends on others: the place in line."""
        with self._lock:
            if found.state.ended:
                return found.state
            if watcher not in found.watchers:
                return State("cancelled")
            if found.phase == "running":
                return found.state
            ahead = sum(other.phase == "queued" and other.rank < found.rank for other in self._known.values())
        return State("queued", place=ahead + 1, note="" if self.ready else "The engine is starting.")

    def _hear(self, key: str, heard: Progress | Outcome) -> None:
        """Take in what became of a task (the backend's threads call this)."""
        state = self._kept(key, heard) if isinstance(heard, Outcome) else None
        with self._lock:
            found = self._known.get(key)
            if found is None or found.state.ended:
                return
            if isinstance(heard, Progress):
                found.become(State("running", done=heard.done, total=heard.total, note=heard.note))
            elif state is not None:
                self._end(found, state)

    def _kept(self, key: str, outcome: Outcome) -> State:
        """Return the state that an outcome leads to, its result now in the store."""
        if outcome.phase != "finished":
            return State(outcome.phase, sentence=outcome.sentence)
        try:
            return State("finished", result=self.store.put_bytes(key, outcome.blob))
        except Damaged as error:
            return State("failed", sentence=f"The result arrived damaged ({error}): try again.")

    def _end(self, found: Computation, state: State) -> None:
        found.become(state)
        for watcher in found.watchers:
            if self._present.get(watcher) is found:
                del self._present[watcher]
        if state.phase != "failed":
            del self._known[found.key]
            return
        failed = [key for key, other in self._known.items() if other.phase == "failed"]
        for key in failed[:-FAILURES_KEPT]:
            del self._known[key]


@Once
def shared_engine() -> Engine:
    """Return the process's one engine, which is starting. With EXPLORER_SCHEDULER=local it computes in process."""
    engine = Engine(local=os.environ.get("EXPLORER_SCHEDULER") == "local")
    engine.warm()
    return engine
