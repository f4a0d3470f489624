"""Certified envelopes: what planes below the margins leave of a ball, seen on a plane through the picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.geometry import Outlines, Slice
from explorer.core.results.proofs import Proofs


@dataclass(frozen=True, eq=False, slots=True)
class Envelope:
    """One model's envelopes around one picture, from planes that were made for T balls of growing radius.

    seen : what the model says on the plane through the picture
    tried : (T,) float64, the balls' radii; radius : (T,) float64, the distance that each certifies, at most its own
    whole : (T,) bool, the all-or-nothing test holds in the whole ball
    corners : (T, M, 2) float64, where the envelope cuts the plane of `seen`, a convex polygon in turn; NaN behind
        the last corner
    sentence : why there is no envelope, else ""; then T is 0
    """

    seen: Slice
    tried: Array
    radius: Array
    whole: Array
    corners: Array
    sentence: str = ""

    def __post_init__(self) -> None:
        rows("envelopes", self.tried, self.radius, self.whole, self.corners)
        if (self.radius > self.tried * (1 + 1e-5)).any():
            raise ValueError("an envelope holds nothing outside of its ball")

    def polygon(self, t: int) -> Array:
        """Return the corners of envelope t, (M, 2)."""
        found = self.corners[t]
        return np.asarray(found[np.isfinite(found[:, 0])])


@dataclass(frozen=True, eq=False, slots=True)
class Envelopes:
    """The Certificate page's plane: both models' envelopes around one picture.

    label : the answer that is to hold, -1 where that is each model's own
    budget : the chosen budget's outline on the plane; proofs : what other methods say of the picture, as on its ruler
    rings : model -> method -> (M, 2), the outline of what the method proves
    held : model -> number of the tried ball -> (M, 2), the outline of what its envelope certifies
    balls : number -> (M, 2), the outline of the tried ball itself
    """

    models: Mapping[str, Envelope]
    label: int
    budget: Outlines | None = None
    proofs: Proofs | None = None
    rings: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    balls: Mapping[str, Array] = field(default_factory=dict)
