"""How alike the decision boundary is near many pictures: what compares the normals of every two of them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Compared, Normals, OverPairs
from explorer.core.stats import over_pairs
from explorer.geometry import directions
from explorer.geometry.normals import near_pairs, scattered, spectrum

MEASURES: dict[str, Callable[[Array], Array]] = {
    "cosine": lambda flat: flat @ flat.T,
    "squares": lambda flat: (flat @ flat.T) ** 2,
    "sizes": lambda flat: np.abs(flat) @ np.abs(flat).T,  # whatever the values' signs
    "overlap": lambda flat: flat**2 @ (flat**2).T,  # the mean of the squares if every sign were drawn at random
}  # of two unit vectors, (N, d) to (N, N)


def compare(normals: Mapping[str, Normals], x: Tensor, y: Array, *, seed: int = 0, tick: Tick = silent) -> Compared:
    """Return what lies between every two of N pictures x (N, ...) of classes y (N,), by the normals of some models.

    Of N pictures there are N (N - 1) / 2 pairs, in as many dimensions as a picture has values: this takes long.
    """
    total, near, done = 5 * len(normals), near_pairs(x), 0
    among = kinds([one.found for one in normals.values()], y, near)
    cosines: dict[str, Array] = {}
    means: dict[str, Any] = {}
    spectra, loose = {}, {}
    for model, one in normals.items():
        cosines[model], means[model] = one.among(), {}
        for name, measure in MEASURES.items():
            tick(done, total, "comparing pictures")
            means[model][name] = averages(measure(one.flat), among)
            done += 1
        tick(done, total, "comparing pictures")
        if one.found.any():
            spectra[model], loose[model] = spectrum(one.flat), spectrum(scattered(one.flat, seed))
        done += 1
    most = max((int(one.flat.any(1).sum()) for one in normals.values()), default=0)
    random = directions.random(torch.empty(1, x[0].numel()), most, torch.tensor([seed]))[0].numpy()
    return Compared(near, cosines, means, spectra, loose, spectrum(random))


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
