"""The view "surface" of the Landscape page: both models' loss over a plane through the weights of each."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, zip_longest
from typing import Any

import numpy as np

from explorer.attacks import ATTACKS
from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.norms import SYMBOLS
from explorer.core.results import Losses, Surfaces, Terrain
from explorer.landscapes.grids import Between, between, mesh
from explorer.models import ARCHITECTURES
from explorer.models.zoo import card, path_digest
from explorer.work.landscape import descents
from explorer.work.landscape.descents import Recorded, path_of
from explorer.work.landscape.sharpness import attackable
from explorer.work.landscape.tiles import EVERY, LOOKS, SIDE, TILE, Strip, Tile, count
from explorer.work.request import Request

SPLINED = 26  # the mesh between whose points a spline is drawn
WORK, LEAST, MOST = 8e9, 4, 250  # of a tile: pictures times weights times passes, about two seconds; its points
BESIDE = {"clean": ("clean",), "kept": ("clean", "kept"), "anew": ("clean", "kept", "anew")}  # the quick ones first
KINDS = {
    "clean": "clean",
    "kept": "under attack, perturbations kept",
    "anew": "under attack, perturbations made anew at each point",
}
NAMES = {
    "random": ("random direction 1", "random direction 2"),
    "gradient": ("gradient of the clean loss", "random direction"),
    "hessian": ("sharpest direction", "second sharpest direction"),
    "models": ("towards the other model", "random direction"),
    "path": ("first principal component", "second principal component"),
}
LAID = {
    "random": "Weights move by up to {far} times the length of each filter along each of two random directions, of one "
    "seed for both models.",
    "gradient": "Across, all weights move along the gradient of the clean loss, at 1 a twentieth as far as a random "
    "direction leads; up, by up to {far} times the length of each filter along a random direction.",
    "hessian": "Weights move along the eigenvectors of the two largest eigenvalues of the clean loss's Hessian, at 1 a "
    "twentieth as far as a random direction leads.",
    "models": "Across, weights move in a straight line to those of the other model, which is at 1; up, by up to {far} "
    "times the length of each filter along a random direction.",
    "path": "All weights move in the plane of the two principal components of those that were recorded during the "
    "model's training. Each model has a plane and a scale of its own: in place and size the two halves cannot be "
    "compared, in shape and height they can.",
}
STATISTICS = {
    "kept": "Batch norm's statistics, where a model has it, are kept as they are at the trained weights.",
    "measured": "Batch norm's statistics, where a model has it, are measured at each point, on the clean pictures.",
}
PARTED = " The two networks are not of one architecture: not all that differs is by training."
ELSEWHERE = f" Nothing is drawn between these points, as a spline is between {SPLINED} × {SPLINED} alone."
REFUSED = " Nothing is drawn between the points, as a loss of 0, or one that is not finite, has no logarithm."


def refusal(request: Request) -> str:
    """Return in a sentence why there is no adversarial loss in the budget, or no line between models, or ""."""
    if ways(request) == "models" and request.a == request.b:
        return "There is no line from a model to itself: choose another model B."
    if ways(request) == "models" and not alike(request.a, request.b):
        return (
            "There is no straight line between these models' weights: they are not of one architecture. Choose two "
            "that are, or another way for the weights to move."
        )
    if ways(request) == "path" and (reason := descents.refusal(request.data, request.a, request.b)):
        return reason
    norms = ATTACKS["pgd"].facts["norms"]
    if kind(request) == "clean" or attackable(request):
        return ""
    if request.norm in norms:
        return "Within a budget of 0 there is no attack: choose a larger one at the left, or clean pictures."
    known = ", ".join(SYMBOLS[norm] for norm in norms)
    return f"Losses under attack are those of projected gradient descent, which works in {known}: choose one of these."


def alike(a: str, b: str) -> bool:
    """Return whether two models are networks of one architecture, by their cards."""
    return _network(a) == _network(b)


def _network(name: str) -> tuple[Any, ...]:
    found = card(name)
    kind, knobs = found["architecture"], found["network"]
    known = fill(ARCHITECTURES[kind].knobs, knobs) if kind in ARCHITECTURES else knobs
    return kind, known, list(found["shape"]), len(found["classes"])


def pieces(request: Request) -> list[Tile | Recorded]:
    """Return the tiles of the coarsest mesh first, of each the quick losses first, both models beside each other.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(request):
        raise UserError(reason)
    walked = [path_of(request.data, model) for model in models(request)] if ways(request) == "path" else []
    return [*walked] + [
        one
        for look in range(len(_meshes(request)))
        for loss in BESIDE[kind(request)]
        for one in beside(*(cut(request, model, loss, look) for model in models(request)))
    ]


def kind(request: Request) -> str:
    """Return which loss is asked for."""
    return str(dict(request.choices)["loss"])


def ways(request: Request) -> str:
    """Return what the weights move along."""
    return str(dict(request.choices)["ways"])


def cut(request: Request, model: str, loss: str, look: int) -> list[Tile]:
    """Return the tiles of what a look adds to one model's surface."""
    chosen, n = dict(request.choices), count(request)
    attack = {"norm": request.norm, "eps": request.eps, "climbs": int(chosen["climbs"])} if loss != "clean" else {}
    passes = 3 * int(chosen["climbs"]) + 1 if loss == "anew" else 1
    size = int(np.clip(WORK / (n * card(model)["parameters"] * passes), LEAST, MOST))
    shared: dict[str, Any] = {
        **{"data": request.data, "data_knobs": request.data_knobs, "model": model, "start": 0, "stop": n},
        **{"seed": request.seed, "loss": loss, "reach": float(chosen["reach"]), "look": look},
        **{"statistics": chosen["statistics"], "ways": ways(request), **attack},
    }
    if ways(request) == "models":
        shared["other"] = request.b if model == request.a else request.a
    whole = len(LOOKS[look])
    made = partial(Strip, path=path_digest(model)) if ways(request) == "path" else Tile
    return [made(TILE, first=at, last=min(at + size, whole), **shared) for at in range(0, whole, size)]


def gather(request: Request, found: Mapping[Any, Any]) -> Surfaces | None:
    """Return each loss on the finest mesh that is there of it; None where there is none.

    What is shown is the one that is asked for or, until that is there, the last of those before it.
    """
    kinds = {loss: one for loss in BESIDE[kind(request)] if (one := terrain(request, loss, found)) is not None}
    return Surfaces(kinds, [*kinds][-1]) if kinds else None


def terrain(request: Request, loss: str, found: Mapping[Any, Any]) -> Terrain | None:
    """Return one loss on the finest mesh that is there of both models; None where there is none."""
    for look, side in reversed([*enumerate(_meshes(request))]):
        a, b = ([one for n in range(look + 1) for one in cut(request, m, loss, n)] for m in (request.a, request.b))
        if all(one in found for one in (*a, *b)):
            chosen = dict(request.choices)
            laid = LAID[ways(request)].format(far=f"{float(chosen['reach']):g}")
            parted = "" if alike(request.a, request.b) else PARTED
            note = f"{laid} {STATISTICS[str(chosen['statistics'])]}{parted}"
            names = dict(zip(("across", "up"), NAMES[ways(request)], strict=True))
            (whole_a, centre_a), (whole_b, centre_b) = (_laid(tiles, found, side) for tiles in (a, b))
            whole = Terrain(whole_a, whole_b, names, KINDS[loss], note=note, centre_a=centre_a, centre_b=centre_b)
            if ways(request) == "path":
                walked = [found.get(path_of(request.data, model)) for model in (request.a, request.b)]
                whole = replace(whole, descent_a=walked[0], descent_b=walked[1])
            if not dict(request.show)["between"]:
                return whole
            if side == SPLINED:
                return _filled(whole, a, b, found)
            return replace(whole, note=f"{note}{ELSEWHERE}") if side == int(chosen["mesh"]) else whole
    return None


def _filled(whole: Terrain, a: list[Tile], b: list[Tile], found: Mapping[Any, Any]) -> Terrain:
    """Return a terrain with what lies between its points, as it is where a loss has no logarithm.

    The coarsest mesh has points that are none of its own: by these the interpolation is checked.
    """
    try:
        made = [_between(tiles, found) for tiles in (a, b)]
    except UserError:
        return replace(whole, note=f"{whole.note}{REFUSED}")
    errors = np.concatenate([one.error for one in made])
    return replace(whole, fine_a=made[0].loss, fine_b=made[1].loss, errors=errors)


def _between(tiles: list[Tile], found: Mapping[Any, Any]) -> Between:
    step = EVERY[SPLINED] // 2
    row, column = np.divmod(np.concatenate([one.places for one in tiles]), SIDE)
    side = (SIDE - 1) // step + 1
    loss = np.concatenate([found[one].loss for one in tiles])
    return between(side, row // step * side + column // step, loss)


def _laid(tiles: list[Tile], found: Mapping[Any, Any], side: int) -> tuple[Losses, Losses]:
    """Return one model's losses on a mesh, row by row, and that at the trained weights."""
    whole, order = Losses.joined([found[one] for one in tiles]), np.full(SIDE * SIDE, -1)
    order[np.concatenate([one.places for one in tiles])] = np.arange(len(whole.loss))
    middle = SIDE * SIDE // 2
    return whole.at(order[mesh(SIDE, EVERY[side])]), whole.at(order[[middle]])


def _meshes(request: Request) -> list[int]:
    """Return the meshes up to the chosen one, the coarsest first."""
    return [side for side in EVERY if side <= int(dict(request.choices)["mesh"])]


def models(request: Request) -> tuple[str, ...]:
    """Return the names of model A and model B, one where they are the same."""
    return tuple(dict.fromkeys((request.a, request.b)))


def beside(*rows: list[Tile]) -> list[Tile]:
    """Return the tiles of several models in turn; they need not have as many."""
    return [one for one in chain.from_iterable(zip_longest(*rows)) if one is not None]
