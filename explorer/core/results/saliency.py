"""What a model looks at: maps, and on `shapes` what each feature is owed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array
from explorer.core.results.attack import AttackResult


@dataclass(frozen=True, eq=False, slots=True)
class Saliency:
    """What each value of N pictures does to a model's score.

    maps : (N, C, H, W) float32, (N, 1, H, W) of a method that does not tell the channels apart, (N, 2) of points
    signed : whether a map's sign says for or against the target
    logits : (N, K) float32
    kind, labels, against : the target: "logit", "difference" or "loss", (N,) int64, and (N,) int64 of a difference
    promised : (N,) float32 what each map is to sum to, where the method promises that
    seconds : the method's wall time
    """

    maps: Array
    signed: bool
    logits: Array
    kind: str
    labels: Array
    against: Array | None
    promised: Array | None
    seconds: float

    def __post_init__(self) -> None:
        if self.maps.dtype != np.float32 or not len(self.maps) == len(self.logits) == len(self.labels):
            raise ValueError("saliency needs one float32 map per picture")

    @property
    def error(self) -> Array | None:
        """(N,): how far each map's sum is from what it is to be, in the score's unit."""
        return None if self.promised is None else np.asarray(_sums(self.maps) - self.promised)


def _sums(maps: Array) -> Array:
    """Return the sum of each map, (N,); in float64, as thousands of values cancel."""
    return np.asarray(maps.reshape(len(maps), -1).sum(1, dtype=np.float64))


@dataclass(frozen=True, eq=False, slots=True)
class Refused:
    """Why there is no map: what was chosen does not go together, in a sentence."""

    sentence: str


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """One picture through one method, model A beside model B.

    label : the true class as index, -1 where nobody said it
    x : (1, ...) float32 the picture; a, b : the map of each model
    """

    label: int
    x: Array
    a: Saliency | Refused
    b: Saliency | Refused


@dataclass(frozen=True, eq=False, slots=True)
class Looks:
    """One picture through one or two methods, by their names, the first chosen one first."""

    methods: Mapping[str, Look]


@dataclass(frozen=True, eq=False, slots=True)
class MovedLook:
    """One picture through one method before and after an attack, model A beside model B.

    clean : the maps of the picture itself; a, b : the attack on each model
    map_a, map_b : model A's map of the picture made on A, model B's of that made on B
    """

    clean: Look
    a: AttackResult
    b: AttackResult
    map_a: Saliency | Refused
    map_b: Saliency | Refused


@dataclass(frozen=True, eq=False, slots=True)
class Accounts:
    """A model's margin of the true class on N pictures of `shapes`, each with parts of it taken away.

    start : the place of the first in its split; labels : (N,) int64
    both, silhouette, cue, neither : (N,) float32, with what is named left in the picture; swapped : with the
        silhouette and another class's cue
    occluded : (N,) bool, noise covers the silhouette
    """

    start: int
    labels: Array
    both: Array
    silhouette: Array
    cue: Array
    neither: Array
    swapped: Array
    occluded: Array

    @property
    def whole(self) -> Array:
        """(N,): the margin owed to silhouette and cue together."""
        return np.asarray(self.both - self.neither)

    @property
    def owed_to_cue(self) -> Array:
        """(N,): the cue's Shapley value, the mean of what it adds to the ground and to the silhouette."""
        return np.asarray((self.both - self.silhouette + self.cue - self.neither) / 2)

    @property
    def owed_to_silhouette(self) -> Array:
        """(N,): the silhouette's Shapley value; with the cue's it sums to the whole."""
        return np.asarray((self.both - self.cue + self.silhouette - self.neither) / 2)


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """Where the mass of N maps of `shapes` lies, in shares of each map's sum of magnitudes, (N,) float32.

    silhouette : on the silhouette; field : on the pixels that carry the cue, whatever it does there
    cue : along the cue's pattern, from -1 to 1; None for maps that do not tell the channels apart
    area, field_area : the shares that a flat map has
    mass : the sum of magnitudes; where it is 0 there is nothing to share, and the shares are 0
    """

    mass: Array
    silhouette: Array
    field: Array
    cue: Array | None
    area: Array
    field_area: Array


@dataclass(frozen=True, eq=False, slots=True)
class Ledger:
    """What each model owes to silhouette and cue, by its name, model A first.

    accounts : of its margins; shares : of one method's maps, or why there are none; absent while they are computed
    """

    accounts: Mapping[str, Accounts]
    shares: Mapping[str, Shares | Refused]
