"""What a worker process does before it takes tasks (a Dask preload)."""

import atexit
import os

from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Import and register everything, so that the first task is fast; and give way to the server's process."""
    if hasattr(os, "nice"):
        os.nice(10)
    import explorer.work.compute  # noqa: F401  (what computes pieces)
    from explorer.attacks import ATTACKS
    from explorer.attribution import SALIENCY
    from explorer.certificates import CERTIFICATES
    from explorer.data import DATA
    from explorer.models import ARCHITECTURES
    from explorer.training import RECIPES

    for registry in (ATTACKS, SALIENCY, CERTIFICATES, DATA, ARCHITECTURES, RECIPES):
        len(registry)
    atexit.register(os._exit, 0)  # taking torch apart would take seconds, and nothing is left behind
