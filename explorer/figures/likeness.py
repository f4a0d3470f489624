"""The local geometry of two boundaries in numbers, each with its interval: of pictures, and of pairs of pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from explorer.core.results import Array, Locality, OverPairs
from explorer.core.stats import Mean
from explorer.figures.gauged import mean_of

GROUPS = {"near": "neighbours", "same": "the same class", "other": "different classes", "all": "all pairs"}
PAIRED, OVERLAPPING = ("cosine", "squares"), ("squares", "overlap")  # of `Compared.means`
BEYOND = {
    "own_squares": ("squared cosine less the mean, live values", "own"),
    "correlation": ("correlation of sizes, live values", "correlation"),
    "own_sizes": ("squared cosine of sizes less the mean, live values", "own"),
}  # of `Compared.means`, what is left beyond what all share: words, axis
Values = Mapping[str, Array]  # by model


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of each model.

    words : what it is; axis : quantities of one axis are drawn on one scale
    means : by model; "" for one of both together; None where there are too few pictures
    beside : model B's less model A's on the same pictures, or over it where `times`; None where there are not both
    chance : what random directions have
    interval : what stands before the interval's ends, with a place for n; "" where there is none
    """

    words: str
    axis: str
    means: Mapping[str, Mean | None]
    beside: Mean | None = None
    times: bool = False
    chance: float | None = None
    interval: str = "n = {n:,}, 95 % interval"

    def said(self, mean: Mean) -> str:
        """Return a number with what its interval is and where it ends."""
        if not self.interval:
            return f"{mean.value:.3g}"
        low, high = mean.interval
        return f"{mean.value:.3g} ({self.interval.format(n=mean.n)} {low:.3g} to {high:.3g})"

    @property
    def title(self) -> str:
        """What it is, at the beginning of a sentence."""
        return self.words[0].upper() + self.words[1:]


def quantities(result: Locality, facet: str) -> dict[str, Quantity]:
    """Return the numbers of a facet, by name."""
    known: dict[str, Quantity] = {}
    if result.models:
        known |= _distance(result) | _bends(result)
    if result.means:
        known |= _alike(result)
    known |= _losses(result)
    return {name: known[name] for name in FACETS[facet] if name in known}


FACETS = {
    "summary": (
        *("distance", "squares_all", "squares_near", "own_squares_all", "sizes_all", "correlation_all"),
        *("own_sizes_all", "dimension", "bend", "bend_mean", "gap", "slope", "turned"),
    ),
    "cosines": (
        *("both", *(f"cosine_{group}" for group in GROUPS), *(f"squares_{group}" for group in GROUPS)),
        *("sizes_near", "sizes_all"),
        *(f"{measure}_{group}" for measure in BEYOND for group in ("near", "all")),
    ),
    "spectrum": ("squares_all", "dimension", "beyond"),
    "curvature": ("bend", "bend_mean", "bend_far", "distance"),
    "linearity": ("gap", "slope", "turned"),
}


def of_pairs(mean: OverPairs | None, change: Callable[[Array], Array] = np.asarray) -> Mean | None:
    """Return a function of a mean over pairs of pictures, its interval by the jackknife; None of too few."""
    if mean is None:
        return None
    return Mean.jackknifed(float(change(np.array(mean.value))), change(mean.without[mean.paired]))


def ratio(above: OverPairs | None, below: OverPairs | None) -> Mean | None:
    """Return one mean over pairs of N pictures over another of the same; None where there are too few.

    Its interval is by the jackknife of the logarithm, so that it does not matter which of the two is above.
    """
    if above is None or below is None:
        return None
    times = above.value / below.value
    found = Mean.jackknifed(float(np.log(times)), np.log(above.without / below.without))
    low, high = (float(np.exp(end)) for end in found.interval)
    return Mean(times, found.n, (low, high))


def less(one: OverPairs | None, other: OverPairs | None) -> OverPairs | None:
    """Return the mean of the difference over the same pairs, of one model and another; None where one has too few."""
    if one is None or other is None:
        return None
    return OverPairs(one.value - other.value, one.without - other.without, one.paired)


def bend(result: Locality, model: str) -> Array:
    """Return the largest curvature near each picture, whichever way the boundary bends, (N,)."""
    found = result.models[model].curvature
    return np.maximum(np.abs(found.highest), np.abs(found.lowest))


def _alike(result: Locality) -> dict[str, Quantity]:
    known, found = result.means, dict[str, Quantity]()
    d = next(iter(result.models.values())).normals.flat.shape[1]
    for name, words in GROUPS.items():
        cosines, times = ({model: one[measure].get(name) for model, one in known.items()} for measure in PAIRED)
        means = {model: of_pairs(one) for model, one in cosines.items()}
        beside = of_pairs(less(*list(cosines.values())[::-1])) if len(known) == 2 else None
        found[f"cosine_{name}"] = Quantity(f"cosine, {words}", "cosine", means, beside, chance=0.0)
        found[f"squares_{name}"] = _times(f"squared cosine, {words}", "squares", times, 1 / d)
    loose = float(
        d / np.pi * np.exp(2 * (gammaln(d / 2) - gammaln((d + 1) / 2)))
    )  # the sphere's mean of |u·v| by values
    for name in ("near", "all"):
        sizes = {model: one["sizes"].get(name) for model, one in known.items()}
        found[f"sizes_{name}"] = _times(f"cosine of sizes, {GROUPS[name]}", "sizes", sizes, loose)
    found |= _beyond(result)
    squares, overlap = ({model: one[measure].get("all") for model, one in known.items()} for measure in OVERLAPPING)
    means = {model: of_pairs(one, np.reciprocal) for model, one in squares.items()}
    found["dimension"] = Quantity("effective dimension", "dimension", means)
    means = {model: ratio(one, overlap[model]) for model, one in squares.items()}
    words = "squared cosine, times that with signs at random"
    found["beyond"] = Quantity(words, "beyond", means, chance=1.0)
    if len(known) == 2:
        one, two = (near.normals for near in result.models.values())
        found["both"] = Quantity(
            "cosine, A and B at the same picture", "cosine", {"": mean_of(one.beside(two))}, chance=0.0
        )
    return found


def _beyond(result: Locality) -> dict[str, Quantity]:
    """Return how alike normals are beyond what all share, and by how much model B's differ from model A's."""
    found = dict[str, Quantity]()
    for measure, (words, axis) in BEYOND.items():
        for name in ("near", "all"):
            values = {model: one[measure].get(name) for model, one in result.means.items()}
            means = {model: of_pairs(one) for model, one in values.items()}
            beside = of_pairs(less(*list(values.values())[::-1])) if len(values) == 2 else None
            chance = 0.0 if axis == "correlation" else _by_chance(result, measure)
            found[f"{measure}_{name}"] = Quantity(f"{words}, {GROUPS[name]}", axis, means, beside, chance=chance)
    return found


def _by_chance(result: Locality, measure: str) -> float:
    """Return the mean squared cosine of N random directions of d values less their mean: 1/d + 1/(N - 1)²."""
    counts = [int(one[measure]["all"].paired.sum()) for one in result.means.values() if "all" in one[measure]]
    return 1 / max(int(result.live.sum()), 1) + (1 / (min(counts) - 1) ** 2 if counts else 0.0)


def _times(words: str, axis: str, values: Mapping[str, OverPairs | None], chance: float) -> Quantity:
    """Return a mean over pairs of each model, and model B's over model A's."""
    two = list(values.values())
    beside = ratio(two[1], two[0]) if len(two) == 2 else None
    return Quantity(words, axis, {model: of_pairs(one) for model, one in values.items()}, beside, True, chance)


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
