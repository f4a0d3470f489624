"""What certificates prove of pictures."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows

SAYS = ("proved", "probable", "exact")


@dataclass(frozen=True, eq=False, slots=True)
class Radii:
    """How far from each of N pictures the label is certified.

    radius : (N,) float64 from 0 to `limit`, up to which it was looked; 0 where the model misclassifies the clean
        picture, but of "probable" ones, which are of the smoothed model
    correct : (N,) bool, the clean picture is classified as its label
    trials : (N,) int64, how many balls of each picture were tried
    says : "proved", "probable" (true with a stated confidence) or "exact" (no larger radius below `limit` holds,
        but where the certificate's time ran out)
    """

    radius: Array
    correct: Array
    limit: float
    seconds: float
    trials: Array
    says: str

    def __post_init__(self) -> None:
        rows("certified radii", self.radius, self.correct, self.trials)
        if self.says not in SAYS:
            raise ValueError(f"a certificate says one of {', '.join(SAYS)}")
        if not (np.all(self.radius >= 0) and np.all(self.radius <= self.limit)):
            raise ValueError("a certified radius lies between 0 and the limit")
        if self.says != "probable" and np.any(self.radius[~self.correct] > 0):
            raise ValueError("nothing is certified of a picture that is misclassified")
