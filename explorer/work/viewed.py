"""The pages that have several views, and what computes each of their samples."""

from collections.abc import Callable
from typing import Any

from explorer.core.progress import Tick
from explorer.work import boundary, certificate, embedding, landscape, saliency, training
from explorer.work.views import Views

VIEWED: dict[str, Views] = {
    "saliency": saliency.VIEWS,
    "boundary": boundary.VIEWS,
    "embedding": embedding.VIEWS,
    "landscape": landscape.VIEWS,
    "certificate": certificate.VIEWS,
    "training": training.VIEWS,
}
SAMPLES: dict[str, Callable[[Any, Tick], Any]] = {
    name: compute for views in VIEWED.values() for name, compute in views.samples.items()
}
