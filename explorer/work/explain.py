"""Maps of pictures as a request asks for them: its method, and the class whose score it explains."""

from typing import Any

import torch
from torch import Tensor, nn

from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.errors import Unsuited
from explorer.core.progress import Tick
from explorer.core.results import Refused, Saliency
from explorer.data import DATA
from explorer.work.inputs import baselines_of
from explorer.work.request import ANSWER, Request
from explorer.work.sample import Sample


def explain(
    request: Request | Sample, model: nn.Module, x: Tensor, y: Tensor, tick: Tick, clean: Tensor | None = None
) -> Saliency | Refused:
    """Return the maps of pictures `x` (N, ...) of classes `y` (N,), or why the method cannot be had here.

    request : whose method, knobs, classes, score and seed they are; see `target_of`
    clean : the pictures by which the target is chosen, where `x` are what an attack made of them
    """
    try:
        return run_method(
            request.method,
            model,
            x,
            target_of(request, model, x if clean is None else clean, y),
            seed=request.seed,
            knobs=dict(request.method_knobs),
            crowd=baselines_of(request.method, request.data, request.data_knobs, tick),
            tick=tick,
        )
    except Unsuited as error:
        return Refused(str(error))


def target_of(request: Request | Sample, model: nn.Module, x: Tensor, y: Tensor) -> Target:
    """Return what is explained of pictures `x` of classes `y`.

    The class is `y`, or the chosen one, or what the model answers; in a difference it is set against the chosen one,
    or against the strongest of the others.
    """
    classes, kind = DATA[request.data].facts["classes"], _score(request)
    with torch.no_grad():
        logits = model(x)
    labels = y.to(x.device)
    if request.explained == ANSWER:
        labels = logits.argmax(1)
    elif request.explained:
        labels = torch.full_like(labels, classes.index(request.explained))
    if kind != "difference":
        return Target(labels, kind)
    if request.against:
        against = torch.full_like(labels, classes.index(request.against))
        if bool((against == labels).any()):
            raise Unsuited(f"There is no difference between '{request.against}' and itself: choose two classes.")
    else:
        against = logits.scatter(1, labels[:, None], -torch.inf).argmax(1)
    return Target(labels, kind, against)


def _score(request: Request | Sample) -> Any:
    return request.score if isinstance(request, Sample) else dict(request.choices)["score"]
