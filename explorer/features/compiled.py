"""umap-learn as this process has it: compiled once on a machine, and used by one thread at a time.

Numba's own thread pool ends the process when two threads enter it; and what it compiles takes half a minute, which
umap-learn does not keep between processes.
"""

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import numpy as np
import torch

from explorer.core.progress import Tick, silent

ALONE = threading.Lock()
PATIENCE = 0.2  # seconds between two looks whether who waits is cancelled
POINTS, EPOCHS = 40, 30  # of the fit that compiles everything


@contextlib.contextmanager
def alone(tick: Tick = silent) -> Iterator[ModuleType]:
    """Give umap-learn to this thread alone; the others wait, and their `tick` can cancel that."""
    while not ALONE.acquire(timeout=PATIENCE):
        tick(0, 1, "waiting for another map")
    threads = torch.get_num_threads()
    try:
        yield _learn()
    finally:
        torch.set_num_threads(threads)  # numba changes those of the OpenMP that torch computes with
        ALONE.release()


@cache
def warm_up() -> None:
    """Compile what a map takes, or load what was compiled on this machine before, in a thread of its own; once."""
    threading.Thread(target=_fit_once, name="umap warm-up", daemon=True).start()


def _fit_once() -> None:
    points = np.random.default_rng(0).random((POINTS, 3), np.float32)
    with alone() as learn:
        found = learn.UMAP(n_neighbors=5, init="pca", random_state=0, n_jobs=1, n_epochs=EPOCHS).fit(points)
        found.transform(points + np.float32(0.01))


def _learn() -> ModuleType:
    """Return umap-learn, imported late, as that alone takes seconds; what it compiles is kept on disk."""
    import umap
    import umap.layouts
    import umap.umap_
    import umap.utils
    from numba.core.registry import CPUDispatcher

    for module in (umap.umap_, umap.layouts, umap.utils):
        for found in vars(module).values():
            if isinstance(found, CPUDispatcher) and not found.stats.cache_path:
                with contextlib.suppress(RuntimeError):  # there is no folder that may be written
                    found.enable_caching()
    learn: ModuleType = umap
    return learn
