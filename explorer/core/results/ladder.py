"""How steep a model's margins can be: bounds of many methods, from the loosest to the tightest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array

BELOW = "sampled"  # the rung that is a lower side, and proves nothing


@dataclass(frozen=True, eq=False, slots=True)
class Ladder:
    """Bounds of how much each margin of one picture, logits[label] - logits[k], changes per length of a change.

    norm : of the change; eps : within how much of the picture, None everywhere
    margins : (K,) float64, at the picture; infinite at the label
    bounds : by rung, (K,) float64: "sampled" the largest slope that was met, all others no less than any; 0 at the
        label; infinite where a rung found none
    seconds : by rung, how long it took
    refused : by rung, why it is not there
    """

    norm: str
    eps: float | None
    label: int
    margins: Array
    bounds: Mapping[str, Array]
    seconds: Mapping[str, float]
    refused: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.bounds or any(bound.shape != self.margins.shape for bound in self.bounds.values()):
            raise ValueError("a rung needs one bound per class")
        if self.bounds.keys() != self.seconds.keys() or self.bounds.keys() & self.refused.keys():
            raise ValueError("a rung was either timed or refused")
        if any((bound < 0).any() or np.isnan(bound).any() for bound in self.bounds.values()):
            raise ValueError("a slope's size is not negative")

    @property
    def rival(self) -> int:
        """The class whose margin is the smallest, of which the rungs are shown."""
        return int(self.margins.argmin())

    @property
    def radii(self) -> Mapping[str, float]:
        """By rung, within how much of the picture the label is proved; at most `eps`."""
        most = np.inf if self.eps is None else self.eps
        found = {}
        for rung, bound in self.bounds.items():
            if rung != BELOW:
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratio = np.where(np.isinf(self.margins), np.inf, self.margins / bound)
                found[rung] = max(0.0, min(most, float(np.nan_to_num(ratio, nan=0, posinf=np.inf).min())))
        return found
