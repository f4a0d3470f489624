"""The local geometry of two boundaries in numbers, each with its interval: of pictures, and of pairs of pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from explorer.core.results import Array, Locality
from explorer.core.stats import Mean, over_pairs
from explorer.figures.gauged import mean_of

GROUPS = {"near": "neighbours", "same": "the same class", "other": "different classes", "all": "all pairs"}
Values = Mapping[str, Array]  # by model


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of each model.

    words : what it is; axis : quantities of one axis are drawn on one scale
    means : by model; "" for one of both together; None where there are too few pictures
    beside : model B's less model A's on the same pictures, or over it where `times`; None where there are not both
    chance : what random directions have
    """

    words: str
    axis: str
    means: Mapping[str, Mean | None]
    beside: Mean | None = None
    times: bool = False
    chance: float | None = None

    @property
    def title(self) -> str:
        """What it is, at the beginning of a sentence."""
        return self.words[0].upper() + self.words[1:]


def quantities(result: Locality, facet: str) -> dict[str, Quantity]:
    """Return the numbers of a facet, by name."""
    known: dict[str, Quantity] = {}
    if result.models:
        known |= _distance(result) | _alike(result) | _bends(result)
    known |= _losses(result)
    return {name: known[name] for name in FACETS[facet] if name in known}


FACETS = {
    "summary": (
        *("distance", "squares_all", "squares_near", "sizes_all", "dimension", "bend", "bend_mean"),
        *("gap", "slope", "turned"),
    ),
    "cosines": (
        *("both", *(f"cosine_{group}" for group in GROUPS), *(f"squares_{group}" for group in GROUPS)),
        *("sizes_near", "sizes_all"),
    ),
    "spectrum": ("squares_all", "dimension", "beyond"),
    "curvature": ("bend", "bend_mean", "bend_far", "distance"),
    "linearity": ("gap", "slope", "turned"),
}


def groups(result: Locality) -> dict[str, Array]:
    """Return which pairs of pictures are of a kind, (N, N) bool each, of those whose normals every model has."""
    found = np.all([one.normals.found for one in result.models.values()], axis=0)
    pairs = found[:, None] & found & ~np.eye(len(found), dtype=bool)
    same = result.y[:, None] == result.y
    return {"near": pairs & result.near, "same": pairs & same, "other": pairs & ~same, "all": pairs}


def of_pairs(values: Array, among: Array, change: Callable[[Array], Array] = np.asarray) -> Mean | None:
    """Return a function of a mean over pairs of pictures, its interval by the jackknife; None of too few."""
    found = over_pairs(values, among)
    return None if found is None else Mean.jackknifed(float(change(np.array(found[0]))), change(found[1]))


def ratio(above: tuple[Array, Array], below: tuple[Array, Array]) -> Mean | None:
    """Return one mean over pairs over another, each (values, among) of one N; None where there are too few.

    Its interval is by the jackknife of the logarithm, so that it does not matter which of the two is above.
    """
    every = [_left_out(*one) for one in (above, below)]
    if any(one is None for one in every):
        return None
    (one, without), (two, less) = every  # type: ignore[misc]
    found = Mean.jackknifed(float(np.log(one / two)), np.log(without / less))
    low, high = (float(np.exp(end)) for end in found.interval)
    return Mean(one / two, found.n, (low, high))


def _left_out(values: Array, among: Array) -> tuple[float, Array] | None:
    """Return a mean over pairs and those without each picture, one that is in no pair among them."""
    found = over_pairs(values, among)
    if found is None:
        return None
    without = np.full(len(among), found[0])
    without[among.any(1)] = found[1]
    return found[0], without


def overlap(result: Locality, model: str) -> Array:
    """Return what the squared cosines would be on the average if every value's sign were drawn at random, (N, N)."""
    squares: Array = result.models[model].normals.flat ** 2
    return np.asarray(squares @ squares.T)


def sizes_alike(result: Locality, model: str) -> Array:
    """Return the cosines between the sizes of the normals' values, whatever their signs, (N, N)."""
    sizes: Array = np.abs(result.models[model].normals.flat)
    return np.asarray(sizes @ sizes.T)


def cosines(result: Locality) -> dict[str, Array]:
    """Return the cosines between each model's normals, (N, N), NaN where one is missing."""
    return {model: one.normals.among() for model, one in result.models.items()}


def bend(result: Locality, model: str) -> Array:
    """Return the largest curvature near each picture, whichever way the boundary bends, (N,)."""
    found = result.models[model].curvature
    return np.maximum(np.abs(found.highest), np.abs(found.lowest))


def _alike(result: Locality) -> dict[str, Quantity]:
    known, pairs, found = cosines(result), groups(result), dict[str, Quantity]()
    d = next(iter(result.models.values())).normals.flat.shape[1]
    squares = {model: values**2 for model, values in known.items()}
    for name, words in GROUPS.items():
        among = pairs[name]
        means = {model: of_pairs(values, among) for model, values in known.items()}
        beside = of_pairs(np.subtract(*list(known.values())[::-1]), among) if len(known) == 2 else None
        found[f"cosine_{name}"] = Quantity(f"cosine, {words}", "cosine", means, beside, chance=0.0)
        means = {model: of_pairs(values, among) for model, values in squares.items()}
        two = [(values, among) for values in squares.values()]
        times = ratio(two[1], two[0]) if len(two) == 2 else None
        found[f"squares_{name}"] = Quantity(f"squared cosine, {words}", "squares", means, times, True, 1 / d)
    sizes = {model: sizes_alike(result, model) for model in known}
    loose = float(
        d / np.pi * np.exp(2 * (gammaln(d / 2) - gammaln((d + 1) / 2)))
    )  # the sphere's mean of |u·v| by values
    for name in ("near", "all"):
        means = {model: of_pairs(values, pairs[name]) for model, values in sizes.items()}
        two = [(values, pairs[name]) for values in sizes.values()]
        times = ratio(two[1], two[0]) if len(two) == 2 else None
        found[f"sizes_{name}"] = Quantity(f"cosine of sizes, {GROUPS[name]}", "sizes", means, times, True, loose)
    among = pairs["all"]
    means = {model: of_pairs(values, among, np.reciprocal) for model, values in squares.items()}
    found["dimension"] = Quantity("effective dimension", "dimension", means)
    means = {model: ratio((values, among), (overlap(result, model), among)) for model, values in squares.items()}
    words = "squared cosine, times that with signs at random"
    found["beyond"] = Quantity(words, "beyond", means, chance=1.0)
    if len(known) == 2:
        one, two_ = (near.normals for near in result.models.values())
        both = one.beside(two_)
        found["both"] = Quantity("cosine, A and B at the same picture", "cosine", {"": mean_of(both)}, chance=0.0)
    return found


def _distance(result: Locality) -> dict[str, Quantity]:
    values = {model: one.normals.distance for model, one in result.models.items()}
    return {"distance": _plain("distance to the boundary, ℓ2", "distance", values)}


def _bends(result: Locality) -> dict[str, Quantity]:
    bends = {model: bend(result, model) for model in result.models}
    means = {model: one.curvature.mean for model, one in result.models.items()}
    far = {model: bends[model] * one.normals.distance for model, one in result.models.items()}
    return {
        "bend": _plain("largest curvature", "bend", bends),
        "bend_mean": _plain("mean curvature", "bend_mean", means),
        "bend_far": _plain("largest curvature × distance", "bend_far", far),
    }


def _losses(result: Locality) -> dict[str, Quantity]:
    words = {"gap": "loss off its tangent within the budget", "slope": "gradient of the margin, ℓ2 length"}
    words["turned"] = "cosine between the gradient here and there"
    return {
        name: _plain(text, name, {model: getattr(one, name) for model, one in result.linear.items()})
        for name, text in words.items()
        if result.linear
    }


def _plain(words: str, axis: str, values: Values) -> Quantity:
    """Return the mean of one number a picture, and of its difference, picture by picture."""
    two = list(values.values())
    beside = mean_of(two[1] - two[0]) if len(two) == 2 else None
    return Quantity(words, axis, {model: mean_of(one) for model, one in values.items()}, beside)
