"""Whether the decision boundary is alike near different points, more so in the more robust model, as a thesis says."""

from collections.abc import Mapping

import numpy as np

from explorer.core.results import Locality, OverPairs
from explorer.core.stats import Mean
from explorer.figures.likeness import quantities, ratio

CLAIM = "the thesis' claim, that boundaries near points are alike and more so in robust models (Liu 2022),"


def claim(result: Locality, names: Mapping[str, str]) -> list[str]:
    """Return whether the boundary is alike near different points, more so in the more robust model, as the thesis says.

    Alike is what the mean squared cosine between normals says, over pairs of pictures, and what the cosine between the
    sizes of their values does, which has no sign as the thesis' bounds for each pixel have none. The more robust
    model is the one whose boundary is farther. Each step is told by an interval. Nothing where none are compared.
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
    """Return whether the more robust model's boundary is the more alike: by which way it faces, and by sizes alone."""
    order, farther = list(names), quantities(result, "curvature")["distance"].beside
    if farther is None or farther.interval[0] <= 0 <= farther.interval[1]:
        return [
            f"{CLAIM[0].upper()}{CLAIM[1:]} is not put to the test by these two: neither one's boundary is clearly "
            "farther from the pictures."
        ]
    weak, strong = order if farther.value > 0 else order[::-1]
    both = f"those of the {names[strong]} model, whose boundary is farther, are", f"as the {names[weak]} model's"
    two = result.means[strong], result.means[weak]
    facing, lying = (_more(two[0][measure], two[1][measure], both) for measure in ("squares", "sizes"))
    return [
        f"By the squared cosine of the normals, {CLAIM} {facing}.",
        f"By the cosine of their values' sizes, without sign as the thesis' bounds for each pixel are, it {lying}.",
    ]


def _more(strong: Mapping[str, OverPairs], weak: Mapping[str, OverPairs], both: tuple[str, str]) -> str:
    """Return what one measure of likeness says of the claim: over all pairs, and between neighbours."""
    every, near = (ratio(strong.get(kind), weak.get(kind)) for kind in ("all", "near"))
    if every is None or near is None:
        return "cannot be told from so few pictures"
    signs = _sign(every), _sign(near)
    verdict = {
        (1, 1): "is borne out here",
        (-1, -1): "is not borne out here; it is the other way around",
        (0, 0): "is neither borne out nor refuted here, as the intervals hold 1",
    }.get(signs, "is borne out only in part here" if 1 in signs else "is not borne out here")
    ends = [f"{one.interval[0]:.3g} to {one.interval[1]:.3g}" for one in (every, near)]
    return (
        f"{verdict}: {both[0]} {every.value:.3g} times as alike {both[1]} over all pairs (95 % interval {ends[0]}), "
        f"{near.value:.3g} times between neighbours ({ends[1]})"
    )


def _sign(times: Mean) -> int:
    low, high = times.interval
    return 1 if low > 1 else -1 if high < 1 else 0


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
