"""The view "accounts" of the Saliency page: what margins and maps owe to silhouette and cue, on many pictures."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from explorer.attribution.accounting import accounts_of, shares_of
from explorer.core.device import best_device
from explorer.core.progress import Tick, silent
from explorer.core.results import Accounts, Ledger, Refused, Shares
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work.explain import explain
from explorer.work.request import Request
from explorer.work.sample import Sample, joined, samples

TRUTH = ("shapes",)  # data sets whose features are known pixel by pixel


def suits(data: str) -> bool:
    """Return whether it is known of a data set what each pixel is."""
    return data in TRUTH


def pieces(request: Request) -> list[Sample]:
    """Return the margins' samples of both models, then those of the maps' shares, the first pictures first.

    Of pictures whose cue agrees, whatever variant is chosen: the accounts draw the others themselves.
    """
    strength = dict(request.data_knobs)["amplitude"]
    request = request.with_(data_knobs=(("amplitude", strength), ("cue", "agrees")))
    n = int(dict(request.choices)["n"])
    rows = [
        [samples(request, page, model, n, looks=page == "shares") for model in dict.fromkeys((request.a, request.b))]
        for page in ("accounts", "shares")
    ]
    return list(chain.from_iterable(chain.from_iterable(zip(*row, strict=True)) for row in rows))


def account(sample: Sample, tick: Tick = silent) -> Accounts:
    """Return the margins of a sample's pictures, with parts of them taken away."""
    model, knobs = load_model(sample.model, best_device()), dict(sample.data_knobs)
    n, strength = sample.stop - sample.start, int(knobs["amplitude"])
    return accounts_of(model, n, start=sample.start, amplitude=strength, tick=tick)


def share(sample: Sample, tick: Tick = silent) -> Shares | Refused:
    """Return where the maps of a sample's pictures lie, or why there are none."""
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data, rows, device = (
        load_data(sample.data, "test", tick=tick, **knobs),
        slice(sample.start, sample.stop),
        best_device(),
    )
    found = explain(sample, load_model(sample.model, device), data.x[rows].to(device), data.y[rows], tick)
    if isinstance(found, Refused):
        return found
    return shares_of(found.maps, {name: mask[rows] for name, mask in data.masks.items()})


def gather(request: Request, found: Mapping[Any, Any]) -> Ledger | None:
    """Return the accounts of both models from the samples that are there; None where a model has none."""
    models = tuple(dict.fromkeys((request.a, request.b)))
    accounts = {model: _parts(found, "accounts", model) for model in models}
    shares = {model: _parts(found, "shares", model) for model in models}
    starts = set.intersection(*(set(parts) for parts in accounts.values()))
    if not starts:
        return None
    return Ledger(
        {model: joined([parts[start] for start in sorted(starts)]) for model, parts in accounts.items()},
        {model: _shares(parts) for model, parts in shares.items() if parts},
    )


def _parts(found: Mapping[Any, Any], page: str, model: str) -> dict[int, Any]:
    """Return a model's answers to one question, by the place of the first picture."""
    return {one.start: part for one, part in found.items() if one.page == page and one.model == model}


def _shares(parts: Mapping[int, Shares | Refused]) -> Shares | Refused:
    """Return a model's shares as one; a method that it cannot take is one for all pictures."""
    refused = next((part for part in parts.values() if isinstance(part, Refused)), None)
    return refused or joined([parts[start] for start in sorted(parts)])
