"""What a smoothed model says of pictures: its votes under noise, and how far its answer probably holds."""

from dataclasses import dataclass

from explorer.core.results._rows import Array, rows


@dataclass(frozen=True, eq=False, slots=True)
class Votes:
    """The classes that a model of K classes gave N pictures under Gaussian noise, and what follows.

    sigma : the standard deviation of the noise, in the unit of pixels
    alpha : the probability, of each picture, that what is said of it is wrong
    first : (N, K) int64, the votes by which the class in question was chosen
    counts : (N, K) int64, the votes after that, of which the rest is made
    top : (N,) int64, the class in question
    share : (N,) float64, what the top class's share of all votes that could be drawn is at least
    radius : (N,) float64, within which, in l2, the smoothed model gives `top`; 0 where it abstains
    predicted : (N,) int64, what the smoothed model gives the picture itself; -1 where it abstains from saying so
    """

    sigma: float
    alpha: float
    first: Array
    counts: Array
    top: Array
    share: Array
    radius: Array
    predicted: Array

    def __post_init__(self) -> None:
        rows("votes", self.first, self.counts, self.top, self.share, self.radius, self.predicted)
        if self.first.shape != self.counts.shape or self.counts.ndim != 2 or (self.counts.sum(1) == 0).any():
            raise ValueError("votes are counted by class, at least one for each picture")
        if not (self.sigma > 0 and 0 < self.alpha < 1) or (self.radius < 0).any():
            raise ValueError("noise has a spread, a doubt lies between 0 and 1, and a radius is not negative")

    @property
    def abstained(self) -> Array:
        """(N,) bool: pictures of which no radius is certified."""
        return self.share <= 0.5
