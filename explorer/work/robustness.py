"""The Robustness page: an evaluation cut into pieces, and put together again from those that are there."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from explorer.attacks.run import summed
from explorer.core.results import Evaluation, Honesty, Judged, TransferMatrix, Transferred
from explorer.work.honesty import asked, check, questions
from explorer.work.piece import Piece, cut
from explorer.work.request import Request, eps_limit, unit_of


def pieces(request: Request) -> list[Piece]:
    """Return what is to be computed for the view that the request shows, the first pictures of all models first."""
    view, n, models = dict(request.show)["view"], int(dict(request.choices)["n"]), request.models
    if view == "honesty":
        return list(dict.fromkeys(chain.from_iterable(questions(request, model) for model in models)))
    if request.limits:  # the same whatever the budget
        request = request.with_(eps=1)
    if view == "transfer":
        rows = [cut(request, m, n, "transfer", others=tuple(o for o in models if o != m)) for m in models]
    else:
        rows = [cut(request, m, n, budgets=budgets(request)) for m in models]
    return list(chain.from_iterable(zip(*rows, strict=True)))


def budgets(request: Request) -> tuple[int, ...]:
    """Return the rising budgets of the curve: evenly up to twice the chosen one, which is among them.

    One that stands for all of them, where the attack has limits of its own.
    """
    if request.limits:
        return (1,)
    count = int(dict(request.choices)["budgets"])
    half, limit = max(1, count // 2), eps_limit(request.data, request.norm)
    ladder = {min(round(request.eps * i / half), limit) for i in range(1, count + 1)} if count > 1 else set()
    return tuple(sorted((ladder | {request.eps}) - {0})) or (0,)


def gather(request: Request, found: Mapping[Piece, Any]) -> Evaluation | TransferMatrix | Honesty | None:
    """Return the view of a request from the pieces that are there; None where some model has none."""
    view = dict(request.show)["view"]
    if view == "honesty":
        checks = {model: check(request, model, found) for model in request.models}
        return Honesty(checks, asked(request)) if any(checks.values()) else None
    parts = {model: [part for piece, part in found.items() if piece.model == model] for model in request.models}
    starts = set.intersection(*({part.start for part in some} for some in parts.values()))
    if not starts:
        return None
    parts = {model: [part for part in some if part.start in starts] for model, some in parts.items()}
    if view == "transfer":
        return _matrix(parts)
    scale = np.float32(unit_of(request.data, request.norm))
    return Evaluation({m: joined(some) for m, some in parts.items()}, np.array(budgets(request), np.float32) / scale)


def joined(parts: list[Judged]) -> Judged:
    """Return some pieces as one, in the order of the test set."""
    parts = sorted(parts, key=lambda part: part.start)
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("labels", "clean", "adversarial", "radius")
    }
    images, seconds = sum(part.images for part in parts), sum(part.seconds for part in parts)
    stages = summed([part.stages for part in parts])
    return Judged(parts[0].start, **columns, images=images, seconds=seconds, stages=stages)


def _matrix(parts: Mapping[str, list[Transferred]]) -> TransferMatrix:
    hits = {i: {j: sum(int(part.correct[j].sum()) for part in some) for j in parts} for i, some in parts.items()}
    first, some = next(iter(parts.items()))
    return TransferMatrix(hits, sum(len(part.correct[first]) for part in some))
