"""What the loss is like in the weights where a training ended, and where it passed: a model's figures in numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.device import best_device
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.landscapes.directions import direction_rng, random
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products
from explorer.landscapes.scattering import perturbed, scattering
from explorer.models.zoo import card, has_path, load_model, recorded

PICTURES = 500
SIZE, DIRECTIONS = 0.03, 3  # the weights' move: a share of each filter's length, in so many random directions
Figures = dict[str, Any]


def figures(name: str, count: int = PICTURES, tick: Tick = silent) -> Figures:
    """Return what is measured of a model at the budget that it was trained in, on the first `count` test pictures.

    "loss" at PGD's worst pictures, which are made once; there the Hessian's largest "eigenvalue", its "error" (the
    residual) and the gradient's length, "slope"; "clean_loss"; "turn", the mean cosine between a perturbation and the
    one after the weights have moved by `SIZE` in a random direction, and "again", that between two attacks from other
    starts. With a recorded path its "course": the first four and the "share" of the training that was done. Of
    ordinary training the budget is 0, its pictures clean, and nothing turns.
    """
    found, device = card(name), best_device()
    threat, model = threat_of(found), load_model(name, device)
    test = load_data(found["data"], "test", tick=tick, **found.get("data_knobs", {})).first(count)
    x, labels = test.x.to(device), test.y.to(device)
    states = recorded(name) if has_path(name) else {}
    whole = 3 + len(states)
    measured: Figures = {"n": len(labels), **_bent(model, x, labels, threat, part(tick, 0, 1, whole))}
    with torch.no_grad():
        measured["clean_loss"] = _digits(float(cross_entropy(model(x), labels)))
    measured |= {"turn": None, "again": None}
    if threat.eps:
        ways = [random(model, direction_rng(i)) for i in range(DIRECTIONS)]
        turned = scattering(model, x, labels, threat, ways, [SIZE], tick=part(tick, 1, 2, whole))
        for key, cosines in (("turn", turned.cosines), ("again", turned.again)):
            measured[key] = None if np.isnan(cosines).all() else _digits(float(np.nanmean(cosines)))
    for i, (share, state) in enumerate(states.items()):
        model.load_state_dict(state)
        bent = _bent(model, x, labels, threat, part(tick, 3 + i, 1, whole))
        measured.setdefault("course", []).append({"share": share, **bent})
    return measured


def threat_of(found: Mapping[str, Any]) -> Threat:
    """Return the budget that a model was trained in, by its card: none in ordinary training."""
    norm, eps = found["threat"]["norm"], found["threat"]["eps"]
    return Threat(norm, 0.0 if found["recipe"] == "standard" else eps)


def _bent(model: nn.Module, x: Tensor, labels: Tensor, threat: Threat, tick: Tick) -> Figures:
    """Return the loss where the attack ends, its slope and its largest curvature in the weights."""
    worst = perturbed(model, x, labels, threat, tick=tick) if threat.eps else x
    top, _ = leading(Products(model, worst, labels), 1)
    found = {"loss": top.loss, "slope": top.slope, "eigenvalue": top.values[0], "error": top.errors[0]}
    return {key: _digits(float(value)) for key, value in found.items()}


def _digits(value: float) -> float:
    return float(f"{value:.5g}")
