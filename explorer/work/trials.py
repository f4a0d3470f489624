"""A model's file tried on pictures: the part of an import that runs in limits (see `limits.py`)."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.stats import Rate
from explorer.models.build import Normalise
from explorer.models.importers.variants import Pictures, Variant, read_model

FIRST = 100  # pictures that every candidate is tried on; those that fall behind are tried on no more
BATCH = 100
INSIDE = "inside"  # the normalisation that a file carries itself
Meta = dict[str, Any]


def look(arrays: dict[str, np.ndarray], asked: Meta) -> tuple[dict[str, np.ndarray], Meta]:
    """Return the file's tensors, and what was found: how it is understood, and the hits of each candidate.

    arrays : "file" (its bytes), "x" (N, ...) pixels in [0, 1], "y" (N,) labels
    asked : "data", "classes", "normalisations" (name, mean, std), "architecture" and "knobs"

    Raises `UserError` in one sentence for every file that is not a model of these data.
    """
    x, y = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["y"])
    pictures = Pictures(asked["data"], asked["classes"], x[:FIRST])
    reading = read_model(arrays["file"].tobytes(), pictures, asked["architecture"], asked["knobs"])
    net = reading.variants[0].net
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}, {
        "kind": reading.kind,
        "shape": reading.shape,
        "output": reading.output,
        "notes": reading.notes,
        "parameters": sum(p.numel() for p in net.parameters()),
        "networks": {v.name: {"architecture": v.architecture, "network": v.network} for v in reading.variants},
        "tried": _tried(reading.variants, asked["normalisations"], x, y),
    }


def _tried(variants: list[Variant], normalisations: list[Meta], x: Tensor, y: Tensor) -> list[Meta]:
    """Return each candidate with its hits among n pictures: all pictures for those that promise most."""
    pairs = [(variant, norm) for variant in variants for norm in _choices(variant, normalisations)]
    models = [_model(variant.net, norm, x) for variant, norm in pairs]
    rates = [_rate(model, x[:FIRST], y[:FIRST]) for model in models]
    best = max(rates, key=lambda rate: rate.value)
    for i, model in enumerate(models):
        if len(x) > FIRST and rates[i].interval[1] >= best.interval[0]:
            more = _rate(model, x[FIRST:], y[FIRST:])
            rates[i] = Rate(rates[i].hits + more.hits, rates[i].n + more.n)
    return [
        {"variant": variant.name, **norm, "hits": rate.hits, "n": rate.n}
        for (variant, norm), rate in zip(pairs, rates, strict=True)
    ]


def _choices(variant: Variant, normalisations: list[Meta]) -> list[Meta]:
    if variant.inside is None:
        return normalisations
    return [{"name": INSIDE, "mean": variant.inside[0], "std": variant.inside[1]}]


def _model(net: nn.Module, norm: Meta, x: Tensor) -> nn.Module:
    mean, std = (torch.tensor(norm[key]).expand(x.shape[1]) for key in ("mean", "std"))
    return nn.Sequential(Normalise(mean, std, x.ndim - 2), net)


def _rate(model: nn.Module, x: Tensor, y: Tensor) -> Rate:
    """Return the share of right answers; one without finite numbers is wrong."""
    hits = 0
    with torch.no_grad():
        for first in range(0, len(x), BATCH):
            logits = model(x[first : first + BATCH])
            right = (logits.argmax(1) == y[first : first + BATCH]) & logits.isfinite().all(1)
            hits += int(right.sum())
    return Rate(hits, len(x))
