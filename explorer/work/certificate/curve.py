"""The view "curve" of the Certificate page: how many pictures are proved safe at each budget, and how many stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import torch

from explorer.core.device import best_device, in_batches
from explorer.core.errors import UserError
from explorer.core.norms import Norm
from explorer.core.progress import Tick, silent
from explorer.core.results import Bracket, Proofs
from explorer.data import DATA, load_data
from explorer.models.zoo import load_model
from explorer.work.boundary.usual import both
from explorer.work.certificate.effort import too_large
from explorer.work.certificate.methods import asked, base, refusal, seeded, top, top_of
from explorer.work.certificate.proving import prove
from explorer.work.request import Request
from explorer.work.sample import Sample, joined

PROVED, SIZE = "proved", 25  # pictures in a sample
SLOW = ("alpha_crown", "lipopt", "smoothing", "exact")  # of many pictures, only where a person asks for them


@dataclass(frozen=True, slots=True)
class Proving(Sample):
    """A sample of which one method is asked; eps : half of how far is looked, in the data's unit."""

    proof: str = ""
    norm: str = ""
    eps: int = 0

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data}, {self.proof} on {self.model}"


def pieces(request: Request) -> list[Proving]:
    """Return what is to be computed: the first pictures by every method, on both models, the quick methods first.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(request):
        raise UserError(reason)
    rows = [_cut(request, name, model) for name in methods(request) for model in both(request)]
    return list(chain.from_iterable(zip(*rows, strict=True)))


def methods(request: Request) -> tuple[str, ...]:
    """Return the methods that are asked of many pictures."""
    chosen = dict(request.choices)
    slow = bool(chosen["slow"]) or str(chosen["proof"]) in SLOW
    return tuple(name for name in asked(request) if slow or name not in SLOW)


def proving(sample: Sample, tick: Tick = silent) -> Bracket:
    """Return what a method says of a sample's pictures."""
    if not isinstance(sample, Proving):
        raise TypeError("what is proved is proved by a method")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data, rows = load_data(sample.data, "test", tick=tick, **knobs), slice(sample.start, sample.stop)
    x, y, model = data.x[rows], data.y[rows], load_model(sample.model, best_device())
    with torch.no_grad():
        said = torch.cat(in_batches(len(x), len(x), lambda part: model(x[part].to(best_device())).argmax(1)))
    norm: Norm = sample.norm  # type: ignore[assignment]  # checked with the request
    reason = too_large(sample.proof, model, DATA[sample.data].facts["shape"], count=len(x))
    far = top_of(sample.data, norm, sample.eps)
    return prove(sample.proof, model, x, y, norm, far, said=said, reason=reason, seed=sample.seed, tick=tick)


def gather(request: Request, found: Mapping[Any, Any]) -> Proofs | None:
    """Return what is there of both models; None where that is not one method.

    Of pictures that every method which has begun knows, so that all curves are of the same.
    """
    there = {
        model: {
            name: parts
            for name in methods(request)
            if (parts := {one.start: found[one] for one in _cut(request, name, model) if one in found})
        }
        for model in both(request)
    }
    begun = [parts for some in there.values() for parts in some.values()]
    starts = sorted(set.intersection(*map(set, begun))) if begun else []
    if not starts or not all(there.values()):
        return None
    models = {
        model: {name: _whole([parts[start] for start in starts]) for name, parts in some.items()}
        for model, some in there.items()
    }
    missing = len(pieces(request)) - sum(len(starts) for some in models.values() for _ in some)
    return Proofs(models, request.norm, top(request), missing)


def _whole(parts: list[Bracket]) -> Bracket:
    return replace(joined(parts), seconds=sum(part.seconds for part in parts))


def _cut(request: Request, name: str, model: str) -> list[Proving]:
    n = min(int(dict(request.choices)["n"]), int(DATA[request.data].facts["sizes"]["test"]))
    chosen: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model, "proof": name}
    chosen |= {"norm": request.norm, "eps": base(request), "seed": request.seed if seeded(name) else 0}
    return [Proving(PROVED, start=at, stop=min(at + SIZE, n), **chosen) for at in range(0, n, SIZE)]
