"""Tasks on Dask: a cluster of our own on loopback, or one that exists."""

import atexit
import logging
import os
import signal
import threading
import time
from concurrent.futures import CancelledError
from multiprocessing import resource_tracker
from queue import SimpleQueue
from typing import Any

import dask
from dask._task_spec import Task as DaskTask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.deploy.spec import close_clusters

from explorer.core.errors import UserError
from explorer.work.backend import Hear
from explorer.work.task import PAUSE, TOPIC, Compute, Outcome, Progress, Task, perform_on_worker
from explorer.work.workers import own_cluster

log = logging.getLogger(__name__)


class Cluster:
    """Runs tasks in Dask workers; started in the background by the first `warm` or `send`.

    With EXPLORER_SCHEDULER=tls://… the workers of that scheduler, under the certificates of Dask's
    configuration (`distributed.comm.tls`); otherwise worker processes of our own on loopback, with
    temporary TLS, and Dask's dashboard only at the address in EXPLORER_DASHBOARD.

    Calls into it may hold any lock that `hear` takes: it holds none of its own while it tells.
    """

    def __init__(self, compute: Compute, hear: Hear, workers: int | None = None) -> None:
        self._compute, self._hear, self._workers = compute, hear, workers
        self._lock = threading.Lock()
        self._starting = self._closed = False
        self._client: Client | None = None
        self._cluster: LocalCluster | None = None
        self._resources: dict[str, float] = {}
        self._waiting: dict[str, Task] = {}  # until the cluster is up
        self._futures: dict[str, Future[Outcome]] = {}
        self._ended: SimpleQueue[tuple[Task, Future[Outcome], Outcome] | None] = SimpleQueue()
        self._results = threading.Thread(target=self._settle, name="engine results", daemon=True)
        self._results.start()
        atexit.register(self.close)

    @property
    def ready(self) -> bool:
        """Whether tasks are being taken."""
        return self._client is not None

    def warm(self) -> None:
        """Start in the background; return at once."""
        with self._lock:
            if self._client is not None or self._starting or self._closed:
                return
            self._starting = True
        threading.Thread(target=self._start, name="engine start", daemon=True).start()

    def send(self, task: Task) -> None:
        """Have a task computed, as soon as there is a cluster."""
        with self._lock:
            if self._client is not None and self._client.status == "closed":  # a scheduler that went away
                self._client = None
            if self._client is None:
                self._waiting[task.key] = task
            else:
                self._submit(self._client, task)
        self.warm()

    def drop(self, key: str) -> None:
        """Give a task up: it leaves the line, or is cancelled at its next tick."""
        with self._lock:
            self._waiting.pop(key, None)
            if (future := self._futures.pop(key, None)) is not None:
                future.release()

    def close(self) -> None:
        """Stop for good: running tasks are cancelled, worker processes end."""
        with self._lock:
            self._closed = True
            running, self._futures = self._futures, {}
            self._waiting.clear()
            client, self._client = self._client, None
            cluster, self._cluster = self._cluster, None
        if client is not None:
            for future in running.values():
                future.release()
            if client.status == "running":  # its scheduler may have gone away
                client.unsubscribe_topic(TOPIC)
            if running:
                time.sleep(2 * PAUSE)  # the tasks see at a tick that they are given up
            client.close(timeout=2)
        if cluster is not None:
            try:
                cluster.close(timeout=5)
            except TimeoutError:
                log.warning("workers that were just starting will end with this process")
        self._ended.put(None)
        atexit.unregister(self.close)

    def _start(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # Ctrl-C is for this process alone: workers inherit this and are told
            resource_tracker.ensure_running()  # when started by a worker's start it would undo the next line
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        atexit.unregister(close_clusters)  # it would wait for workers that are still starting
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "64MB"})  # an uploaded picture has up to 32
        try:
            address = _scheduler()
            cluster = None if address else own_cluster(self._workers)
            client = Client(address or cluster, set_as_default=False)
            declared = [worker["resources"] for worker in client.scheduler_info()["workers"].values()]
        except Exception as error:
            if self._closed or not threading.main_thread().is_alive():  # the process is ending
                return
            log.exception("the engine could not start")
            outcome = Outcome("failed", sentence=_why_not(error))
            with self._lock:
                self._starting = False
                waiting, self._waiting = self._waiting, {}
            for key in waiting:
                self._hear(key, outcome)
            return
        with self._lock:
            self._starting = False
            if not self._closed:
                self._client, self._cluster = client, cluster
                self._resources = {"GPU": 1} if any("GPU" in found for found in declared) else {}
                client.subscribe_topic(TOPIC, self._on_event)
                for task in self._waiting.values():
                    self._submit(client, task)
                self._waiting = {}
                return
        client.close()
        if cluster is not None:
            cluster.close()

    def _submit(self, client: Client, task: Task) -> None:
        if self._cluster is not None:
            self._cluster.scale(len(self._cluster.worker_spec))  # replaces workers that could not be restarted
        # A "data producer" waits in the scheduler's own line, by priority, until a worker is free;
        # other tasks are dealt out at once, and may then wait behind a long one.
        spec = DaskTask(task.key, perform_on_worker, self._compute, task, _data_producer=True)
        future = client.get(
            {task.key: spec},
            task.key,
            sync=False,
            priority=task.priority,
            resources=self._resources,
            fifo_timeout="0ms",
        )
        self._futures[task.key] = future
        assert client.loop is not None  # of a client that has started
        client.loop.add_callback(self._collect, task, future)

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        _, told = event
        self._hear(told["key"], Progress(told["done"], told["total"], told["note"]))

    async def _collect(self, task: Task, future: Future[Outcome]) -> None:
        """Wait for a task on the client's loop, and pass on how it ended."""
        self._ended.put((task, future, await _outcome(future)))

    def _settle(self) -> None:
        """Tell how tasks ended, one after the other (a thread of its own, for the listener may take its time)."""
        while (ended := self._ended.get()) is not None:
            task, future, outcome = ended
            try:
                self._pass_on(task, future, outcome)
            except Exception as error:  # the fault of one task, on which all others would wait
                log.exception("the end of a task could not be passed on: %s", task.request.address())
                sentence = f"The result could not be taken in ({type(error).__name__}); the log says more."
                self._hear(task.key, Outcome("failed", sentence=sentence))

    def _pass_on(self, task: Task, future: Future[Outcome], outcome: Outcome) -> None:
        with self._lock:
            if self._futures.get(task.key) is not future:  # dropped meanwhile
                return
            del self._futures[task.key]
            future.release()
            if outcome.phase == "cancelled" and self._client is not None:  # given up, seen, and wanted again
                self._submit(self._client, task)
                return
        self._hear(task.key, outcome)


def _scheduler() -> str | None:
    """Return the address of the scheduler to use, or None for a cluster of our own."""
    address = os.environ.get("EXPLORER_SCHEDULER") or None
    if address is not None and not address.startswith("tls://"):
        raise UserError(
            f"EXPLORER_SCHEDULER = {address!r} would carry pictures and code in the clear: give a tls:// address, "
            "`local` to compute within the app's process, or nothing."
        )
    return address


def _why_not(error: Exception) -> str:
    """Return the sentence for an engine that could not start."""
    if isinstance(error, UserError):
        return str(error)
    advice = "check EXPLORER_SCHEDULER and the cluster" if os.environ.get("EXPLORER_SCHEDULER") else "the log says more"
    return f"The engine could not start ({type(error).__name__}): {advice}."


async def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        outcome: Outcome = await future
        return outcome
    except KilledWorker as error:
        deaths = error.allowed_failures + 1  # the scheduler's own limit, which may be another than ours
        times = f"{deaths} times" if deaths > 1 else "once"
        return Outcome(
            "failed",
            sentence=f"The computation died {times}, most likely for want of memory: choose fewer steps or "
            "a smaller model.",
        )
    except CancelledError:
        return Outcome("failed", sentence="The connection to the cluster was lost: try again.")
    except Exception as error:
        log.exception("failed in the cluster")
        return Outcome("failed", sentence=f"The cluster failed ({type(error).__name__}); the log says more.")
