"""How alike the decision boundary is near many pictures: what compares the normals of every two of them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Compared, Normals, OverPairs
from explorer.core.stats import over_pairs
from explorer.geometry import centred, directions
from explorer.geometry.normals import near_pairs, scattered, spectrum

MEASURES: dict[str, Callable[[Array], Array]] = {
    "cosine": lambda flat: flat @ flat.T,
    "squares": lambda flat: (flat @ flat.T) ** 2,
    "sizes": lambda flat: np.abs(flat) @ np.abs(flat).T,  # whatever the values' signs
    "overlap": lambda flat: flat**2 @ (flat**2).T,  # the mean of the squares if every sign were drawn at random
}  # of two unit vectors, (N, d) to (N, N)
OWN: dict[str, Callable[[Array], Array]] = {"own_squares": np.asarray, "own_sizes": np.abs}


def compare(
    normals: Mapping[str, Normals], x: Tensor, y: Array, live: Array, *, seed: int = 0, tick: Tick = silent
) -> Compared:
    """Return what lies between every two of N pictures x (N, ...) of classes y (N,), by the normals of some models.

    Of N pictures there are N (N - 1) / 2 pairs, in as many dimensions as a picture has values: this takes long.

    live : (d,) bool, the values that vary over the data, on which normals are compared once more, centred
    """
    own = 6 * len(normals)  # of the work: to centre anew without each picture takes the longest
    total, near, done = 2 * len(normals) + own, near_pairs(x), 0
    among = kinds([one.found for one in normals.values()], y, near)
    spectra, loose, cosines = {}, {}, {model: one.among() for model, one in normals.items()}
    means: dict[str, Any] = {}
    for model, one in normals.items():
        tick(done, total, centred.NOTE)
        means[model] = {name: averages(measure(one.flat), among) for name, measure in MEASURES.items()}
        done += 1
        tick(done, total, centred.NOTE)
        if one.found.any():
            spectra[model], loose[model] = spectrum(one.flat), spectrum(scattered(one.flat, seed))
        done += 1
    beyond = beyond_shared(normals, y, near, live, tick=part(tick, done, own, total))
    means = {model: known | beyond[model] for model, known in means.items()}
    most = max((int(one.flat.any(1).sum()) for one in normals.values()), default=0)
    random = directions.random(torch.empty(1, x[0].numel()), most, torch.tensor([seed]))[0].numpy()
    return Compared(near, live, cosines, means, spectra, loose, spectrum(random))


def beyond_shared(
    normals: Mapping[str, Normals], y: Array, near: Array, live: Array, *, tick: Tick = silent
) -> dict[str, dict[str, dict[str, OverPairs]]]:
    """Return how alike models' normals are beyond what all share: by model and measure, over each kind of pairs.

    On the live values alone: "correlation", that of the normals' sizes over the values; "own_squares" and
    "own_sizes", the squared cosine of the normals, and of their sizes, less the mean over all pictures. Over pairs of
    which every model has both, so that models are compared on the same.
    """
    found: dict[str, dict[str, dict[str, OverPairs]]] = {model: {} for model in normals}
    found_by_all = np.all([one.found for one in normals.values()], axis=0)
    flat = {model: one.flat for model, one in normals.items()}
    levels = {model: centred.level(abs(ways), live) for model, ways in flat.items()}
    known = [found_by_all, *(np.asarray(ways.any(1)) for ways in levels.values())]
    among = kinds(known, y, near)
    for model, ways in levels.items():
        found[model]["correlation"] = averages(ways @ ways.T, among)
    steps, done = len(OWN) * len(normals), 0
    for name, of in OWN.items():
        shown = {model: centred.on_live(of(ways), live) for model, ways in flat.items()}
        there = np.all([centred.has_own(ways, found_by_all) for ways in shown.values()], axis=0)
        among = kinds([there], y, near)
        for model, ways in shown.items():
            found[model][name] = centred.squares(ways, there, among, tick=part(tick, done, 1, steps))
            done += 1
    return found


def kinds(found: list[Array], y: Array, near: Array) -> dict[str, Array]:
    """Return which pairs of pictures are of a kind, (N, N) bool each, of those whose normals every model has.

    found : (N,) bool of each model; y : (N,), the classes; near : (N, N), the pairs of neighbours; "far" is no such
    """
    there = np.all(found, axis=0)
    pairs = there[:, None] & there & ~np.eye(len(there), dtype=bool)
    same = y[:, None] == y
    return {"near": pairs & near, "far": pairs & ~near, "same": pairs & same, "other": pairs & ~same, "all": pairs}


def averages(values: Array, among: Mapping[str, Array]) -> dict[str, OverPairs]:
    """Return the means of values (N, N) over the pairs of each kind, (N, N) bool; without those that have too few."""
    found = {}
    for kind, chosen in among.items():
        one = over_pairs(values, chosen)
        if one is not None:
            paired: Array = np.asarray(chosen.any(1))
            without = np.full(len(values), one[0])
            without[paired] = one[1]
            found[kind] = OverPairs(one[0], without, paired)
    return found
