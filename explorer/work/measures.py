"""The view "measures" of the Saliency page: one measure over many pictures, of several models."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from explorer.attribution import SALIENCY
from explorer.attribution.measures import MEASURES
from explorer.attribution.measures.run import takes, why_not
from explorer.core.errors import UserError
from explorer.core.results import Evaluation, Measured, Measures, Refused
from explorer.data import DATA
from explorer.models.zoo import zoo_names
from explorer.work import robustness
from explorer.work.gauge import SIZE, Gauge, object_of
from explorer.work.piece import Piece
from explorer.work.request import Pairs, Request, defaults, unit_of
from explorer.work.variant import stranger

WITNESSES = ("gradient", "guided_backprop")  # what randomisation is told by: one that changes, one that is said not to
ZOO = "alignment"  # the measure that is set against robust accuracy, of all models


def pieces(request: Request) -> list[Gauge | Piece]:
    """Return what is to be computed: the first pictures of all models first, then how they stand under attack.

    Raises `UserError` where the measure cannot be taken of these data by this method.
    """
    if reason := refusal(request, measure_of(request)):
        raise UserError(reason)
    rows = [_cut(request, model, method) for model in models(request) for method in methods(request)]
    found: list[Gauge | Piece] = list(chain.from_iterable(zip(*rows, strict=True)))
    return found + (robustness.pieces(judging(request)) if measure_of(request) == ZOO else [])


def gather(request: Request, found: Mapping[Any, Any]) -> Measures | None:
    """Return the measure from the pieces that are there; None where a model or method still waits for its first."""
    name = measure_of(request)
    parts = {
        (model, method): [found[piece] for piece in _cut(request, model, method) if piece in found]
        for model in models(request)
        for method in methods(request)
    }
    refused = {asked: one.sentence for asked, some in parts.items() for one in some if isinstance(one, Refused)}
    parts = {asked: some for asked, some in parts.items() if asked not in refused}
    starts = set.intersection(*({part.start for part in some} for some in parts.values())) if parts else set()
    if parts and not starts:
        return None
    measured: dict[str, dict[str, Measured]] = {model: {} for model in models(request)}
    for (model, method), some in parts.items():
        measured[model][method] = _joined([part for part in some if part.start in starts])
    entry, evaluation = MEASURES[name], None
    if name == ZOO:
        judges = judging(request)
        evaluation = robustness.gather(judges, {one: found[one] for one in robustness.pieces(judges) if one in found})
    judged = evaluation.models if isinstance(evaluation, Evaluation) else {}
    words = entry.facts["values"], entry.facts["curves"]
    budget = max(request.eps, 1) if request.limits else request.eps
    scale = unit_of(request.data, request.norm)
    sentences = {f"{model}, {SALIENCY[method].title}": why for (model, method), why in refused.items()}
    return Measures(name, entry.title, measured, *words, judged, budget / scale, sentences)


def measure_of(request: Request) -> str:
    """Return the chosen measure's name."""
    return str(dict(request.show)["measure"])


def refusal(request: Request, measure: str) -> str:
    """Return in a sentence why a measure is not offered for the request's data and method, or ""."""
    pictures = len(DATA[request.data].facts["shape"]) == 3
    return why_not(measure, request.method, pictures, bool(object_of(request.data)))


def models(request: Request) -> tuple[str, ...]:
    """Return the models that are measured: model A alone where B is compared with it.

    For alignment all of the zoo that were trained on such pictures.
    """
    if takes(measure_of(request), "other"):
        return (request.a,)
    knobs = dict(request.data_knobs)
    known = zoo_names(request.data) if measure_of(request) == ZOO else []
    others = (name for name in known if not stranger(name, knobs))
    return tuple(dict.fromkeys((*request.models, *others)))


def methods(request: Request) -> tuple[str, ...]:
    """Return the methods whose maps are measured: the chosen one, and for randomisation two that it is told by."""
    if MEASURES[measure_of(request)].facts["own"]:
        return ("gradient",)
    return tuple(dict.fromkeys((request.method, *(WITNESSES if measure_of(request) == "randomisation" else ()))))


def judging(request: Request) -> Request:
    """Return the Robustness page's request for the same models and pictures, at the chosen budget alone."""
    choices = tuple(sorted({"budgets": 1, "n": dict(request.show)["pictures"]}.items()))
    return request.on("robustness").with_(more=models(request), choices=choices)


def _cut(request: Request, model: str, method: str) -> list[Gauge]:
    asked, measure = dict(request.show), measure_of(request)
    n = min(int(asked["pictures"]), DATA[request.data].facts["sizes"]["test"])
    chosen: dict[str, Any] = {
        "data": request.data,
        "data_knobs": request.data_knobs,
        "model": model,
        "other": request.b if takes(measure, "other") else "",
        "method": method,
        "method_knobs": _knobs_of(request, method),
        "seed": request.seed,
        "measure": measure,
        "knobs": tuple(sorted((name, asked[f"{measure}_{name}"]) for name in MEASURES[measure].knobs)),
    }
    return [Gauge("measure", start=start, stop=min(start + SIZE, n), **chosen) for start in range(0, n, SIZE)]


def _knobs_of(request: Request, method: str) -> Pairs:
    return request.method_knobs if method == request.method else defaults(SALIENCY[method].knobs)


def _joined(parts: Sequence[Measured]) -> Measured:
    """Return some pieces as one, in the order of the test set."""
    parts = sorted(parts, key=lambda part: part.start)
    values = {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values}
    return Measured(parts[0].start, values, sum(part.seconds for part in parts), parts[0].places)
