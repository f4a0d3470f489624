"""The embedded cluster: worker processes of our own, on loopback."""

import os
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import LocalCluster
from distributed.system import MEMORY_LIMIT

WORKER_MEMORY = 2**30  # bytes: what a worker with torch and a small model should have at least
MOST_WORKERS = 8
DEATHS = 2  # a task is given up when its worker has died this often


def worker_count(cores: int, memory: int) -> int:
    """Return how many worker processes to run: half the cores, but two, so that nobody waits behind one long job."""
    return max(1, min(max(2, cores // 2), MOST_WORKERS, memory // WORKER_MEMORY))


def own_cluster(workers: int | None = None) -> LocalCluster:
    """Start worker processes of one task each, with temporary TLS; see `worker_count` for how many.

    Dask's dashboard is served only where EXPLORER_DASHBOARD gives its address.
    """
    workers = workers or worker_count(CPU_COUNT, MEMORY_LIMIT)
    threads = str(max(1, CPU_COUNT // workers))
    keep = str(2**32 - 2**20)  # bytes that malloc may hold back: large activations are not paged in anew at each step
    config: dict[str, Any] = {
        "distributed.scheduler.worker-saturation": 1.0,  # a worker holds the task it runs, and no other
        "distributed.scheduler.allowed-failures": DEATHS - 1,
        "distributed.scheduler.no-workers-timeout": "5 minutes",  # then a waiting task fails
        "distributed.deploy.lost-worker-timeout": "5 minutes",  # on a busy machine torch alone takes one to import
        "distributed.worker.profile.enabled": False,
        # torch keeps memory for itself, so a worker above a soft limit would wait for ever; only the hard one is of use
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,
        "distributed.nanny.pre-spawn-environ": {
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "MALLOC_TRIM_THRESHOLD_": keep,
            "MALLOC_MMAP_THRESHOLD_": keep,
        },
    }
    dashboard = os.environ.get("EXPLORER_DASHBOARD")
    if not dashboard:  # Dask serves pages about itself without one, too
        config |= {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
    dask.config.set(config)  # for good: some of it is read when a worker has died
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        security=True,
        dashboard_address=dashboard or "127.0.0.1:0",
        scheduler_kwargs={"dashboard": bool(dashboard)},
        memory_limit=max(WORKER_MEMORY, int(0.8 * MEMORY_LIMIT / workers)),
        preload=["explorer.work.warm"],
    )
