"""What the Certificate page's figures know of methods: how sure each is, and what all of them say together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results import Array, Bracket

BROKEN = "attack"  # the method that breaks, and proves nothing
MEET = 1e-3  # relative: two sides of an exact answer that are no further apart are one


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its name, its title, and how sure what it says is: "proved", "probable", "exact" or "broken".

    doubt : the probability that what a probable one says of a picture is wrong
    """

    name: str
    title: str
    says: str
    doubt: float = 0.0

    @property
    def proves(self) -> bool:
        """Whether what it says is certain, of the model itself."""
        return self.says in ("proved", "exact")


def named(described: Mapping[str, tuple[str, str, float]]) -> dict[str, Method]:
    """Return methods by name, each given by its title, what it says and its doubt."""
    return {name: Method(name, *facts) for name, facts in described.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """What all methods together say of one picture on one model.

    right : the model gives the answer that is to hold
    low, by : the largest distance within which that is proved, and by which method ("" by none)
    high, broken : the smallest at which it is not so, infinity where none is known, and by which method
    """

    right: bool
    low: float
    by: str
    high: float
    broken: str

    @property
    def settled(self) -> bool:
        """Whether nothing lies between what is proved and what is broken, up to how finely it was searched."""
        return self.high <= self.low * 1.02 + 1e-9


def known(some: Mapping[str, Bracket], methods: Mapping[str, Method], top: float, i: int = 0) -> Known:
    """Return what a model's brackets say of picture i together."""
    right = bool(next(iter(some.values())).right[i])
    low, by, high, broken = 0.0, "", float("inf"), ""
    for name, bracket in some.items():
        if methods[name].proves and bracket.low[i] > low:
            low, by = float(bracket.low[i]), name
        if bracket.high[i] < high:
            high, broken = float(bracket.high[i]), name
    return Known(right, min(low, high), by, high, broken)


def best(some: Mapping[str, Bracket], methods: Mapping[str, Method]) -> Array | None:
    """Return each picture's largest proved radius over all methods, (N,); None where none proves anything.

    What an exact method proved before its time ran out counts, too.
    """
    lows = [
        bracket.low
        for name, bracket in some.items()
        if methods[name].proves and (bracket.low.any() or not bracket.sentence)
    ]
    if not lows:
        return None
    found = lows[0]
    for low in lows[1:]:
        found = found.clip(min=low)
    return found


def certified_by(method: Method, bracket: Bracket, eps: float) -> Array:
    """Return which pictures, (N,) bool, a method certifies within `eps`, a probable one of the smoothed model."""
    return bracket.held(eps) if method.says == "probable" else bracket.certified(eps)


def undecided(method: Method, bracket: Bracket, top: float) -> Array:
    """Return of which pictures, (N,) bool, an exact method found no end in its time: it says but what it had proved."""
    far = np.minimum(bracket.high, top)
    return np.asarray((method.says == "exact") & bracket.right & (bracket.low < far * (1 - MEET)))


def seconds(value: float) -> str:
    """Return a time for people, of two digits or in whole seconds: "0.12 s", "47 s", "170 s"."""
    if value < 0.01:
        return "<0.01 s"
    return f"{value:.2g} s" if value < 99.5 else f"{value:.0f} s"
