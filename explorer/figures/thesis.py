"""Whether the decision boundary is alike near different points, more so in the more robust model, as a thesis says."""

from collections.abc import Iterable, Mapping
from math import floor, log10

import numpy as np

from explorer.core.results import Locality, OverPairs
from explorer.core.stats import Mean
from explorer.figures.likeness import less, of_pairs, quantities, ratio

CLAIM = "the thesis' claim, that boundaries near points are alike and more so in robust models (Liu 2022),"

RAW = {
    "squares": "squared cosine of the normals",
    "sizes": "cosine of their values' sizes, without sign as the thesis' bounds for each pixel are",
}
CENTRED = {
    "own_squares": "squared cosine of the normals less their mean",
    "correlation": "correlation of the sizes over the values",
    "own_sizes": "squared cosine of the sizes less their mean",
}  # of `Compared.means`, in words
BORNE_OUT = {
    "too few": "cannot be told from so few pictures",
    "borne out": "is borne out here",
    "the other way around": "is not borne out here; it is the other way around",
    "not told": "is neither borne out nor refuted here, as the intervals hold 0",
    "not borne out": "is not borne out here",
    "in part": "is borne out only in part here",
}  # which way measures go, in words
WAYS: dict[frozenset[int], str] = {
    frozenset(): "too few",
    frozenset([1]): "borne out",
    frozenset([-1]): "the other way around",
    frozenset([0]): "not told",
    frozenset([0, -1]): "not borne out",
}  # by the signs of the differences that are told from 0; any others are "in part"
Means = Mapping[str, Mapping[str, OverPairs]]


def claim(result: Locality, names: Mapping[str, str]) -> list[str]:
    """Return whether the boundary is alike near different points, more so in the more robust model, as the thesis says.

    Alike is what the mean squared cosine between normals says, over pairs of pictures, and what the cosine between the
    sizes of their values does, which has no sign as the thesis' bounds for each pixel have none. Both are raised by
    values that never vary and by what all normals share, so the same is told once more without: centred, on the
    values that vary. The more robust model is the one whose boundary is farther. Models are compared on the same
    pairs, by the interval of the mean difference. Nothing where none are compared.
    """
    found = []
    for model, means in result.means.items():
        squares = means["squares"]
        times = ratio(squares.get("near"), squares.get("far"))
        chance = _over_chance(squares.get("all"), result.models[model].normals.flat.shape[1])
        if times is None or chance is None:
            return ["These are too few pictures to say whether the boundary is alike near them."]
        found.append(
            f"The {names[model]} model: normals near two pictures are {_as_alike(chance, 'random directions')}; "
            f"near two neighbours, {_as_alike(times, 'near two others')}."
        )
    if not found:
        return []
    if len(names) < 2:
        return [*found, _lying(result, names)]
    return [*_verdict(result, names), *found, _lying(result, names)]


def _over_chance(squares: OverPairs | None, d: int) -> Mean | None:
    """Return a mean squared cosine over that of random directions in d dimensions."""
    if squares is None:
        return None
    return ratio(squares, OverPairs(1 / d, np.full_like(squares.without, 1 / d), squares.paired))


def _as_alike(times: Mean, others: str) -> str:
    low, high = times.interval
    if low <= 1 <= high:
        return f"not to be told from {others}: {times.value:.3g} times as alike (95 % interval {low:.3g} to {high:.3g})"
    return f"{times.value:.3g} times as alike as {others} (95 % interval {low:.3g} to {high:.3g})"


def _verdict(result: Locality, names: Mapping[str, str]) -> list[str]:
    """Return whether the more robust model's boundary is the more alike, by raw measures and by centred ones."""
    order, farther = list(names), quantities(result, "curvature")["distance"].beside
    if farther is None or farther.interval[0] <= 0 <= farther.interval[1]:
        return [
            f"{CLAIM[0].upper()}{CLAIM[1:]} is not put to the test by these two: neither one's boundary is clearly "
            "farther from the pictures."
        ]
    weak, strong = order if farther.value > 0 else order[::-1]
    raw, centred = (_compared(result.means[strong], result.means[weak], kinds) for kinds in (RAW, CENTRED))
    n = max((mean.n for one in (raw, centred) for differ in one.values() for mean in differ), default=0)
    alive, d = int(result.live.sum()), result.live.size
    how = f"{names[strong]}, whose boundary is farther, less {names[weak]}, n = {n:,}, 95 % intervals"
    which = "all values, as all vary" if alive == d else f"the {alive:,} of {d:,} values that vary"
    return [
        f"By the raw measures, {CLAIM} {BORNE_OUT[_way(raw)]} ({how}). {_each(raw, RAW)}",
        f"By the centred measures, on {which} over the data, it {BORNE_OUT[_way(centred)]}. {_each(centred, CENTRED)}",
    ]


def _compared(strong: Means, weak: Means, kinds: Iterable[str]) -> dict[str, tuple[Mean, Mean]]:
    """Return by how much one model is more alike than the other: measure -> over all pairs, between neighbours."""
    found = {}
    for kind in kinds:
        every, near = (
            of_pairs(less(strong[kind].get(group), weak[kind].get(group))) if strong[kind] and weak[kind] else None
            for group in ("all", "near")
        )
        if every is not None and near is not None:
            found[kind] = every, near
    return found


def _way(differ: Mapping[str, tuple[Mean, Mean]]) -> str:
    """Return which way measures of likeness go together, a name in `BORNE_OUT`."""
    signs = frozenset(_sign(mean) for both in differ.values() for mean in both)
    return WAYS.get(signs, "in part")


def _each(differ: Mapping[str, tuple[Mean, Mean]], kinds: Mapping[str, str]) -> str:
    """Return by how much the models differ, and which way that is, a sentence of all measures."""
    parts = [
        f"{words}: {_way({kind: differ[kind]})}, {_span(differ[kind][0])} over all pairs, {_span(differ[kind][1])} "
        "between neighbours"
        for kind, words in kinds.items()
        if kind in differ
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if parts else ""


def _span(mean: Mean) -> str:
    """Return a difference and its interval, to two digits of half of that."""
    low, high = mean.interval
    places = max(0, 1 - floor(log10((high - low) / 2))) if high > low else 3
    return f"{mean.value:+.{places}f} ({low:.{places}f} to {high:.{places}f})"


def _sign(less: Mean) -> int:
    low, high = less.interval
    return 1 if low > 0 else -1 if high < 0 else 0


def _lying(result: Locality, names: Mapping[str, str]) -> str:
    """Return how much of each model's likeness is a matter of which values its normals lie on."""
    parts = []
    for model, means in result.means.items():
        share = ratio(means["overlap"].get("all"), means["squares"].get("all"))
        if share is not None:
            low, high = share.interval
            parts.append(f"{share.value:.0%} ({low:.0%} to {high:.0%}) of the likeness in the {names[model]} model")
    return (
        "With the sign of every value drawn at random, so that only where the normals lie is left of them, "
        f"{' and '.join(parts)} would remain."
    )
