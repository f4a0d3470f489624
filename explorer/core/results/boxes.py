"""The largest boxes around pictures that keep their labels: how far every pixel may go, all of them at once."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows

SPENT = 0.999  # of a pixel's range: an eps of so much bounds it no more


@dataclass(frozen=True, eq=False, slots=True)
class Boxes:
    """A certified box around each of N pictures: all x' in [0, 1] with |x'_j - x_j| <= eps_j for each pixel j.

    labels : (N,) int64, what is certified
    uniform : (N,) float32, the largest eps, the same for all pixels, that the same bounds certify; 0 where none
    eps : (N, ...) float32, of the box of largest volume that was found; zeros where not even one point is certified
    cap : (N, ...) float32, up to where an eps means anything: the pixel's farther wall
    """

    labels: Array
    uniform: Array
    eps: Array
    cap: Array

    def __post_init__(self) -> None:
        rows("boxes", self.labels, self.uniform, self.eps, self.cap)
        if self.eps.shape != self.cap.shape or (self.eps < 0).any() or (self.eps > self.cap).any():
            raise ValueError("an eps lies between 0 and its pixel's wall")
        if ((self.eps > 0).reshape(len(self.eps), -1).all(1) != self.certified).any():
            raise ValueError("a certified picture has a box, and no other has")

    @property
    def certified(self) -> Array:
        """(N,) bool: pictures that have a box."""
        return np.asarray(self.uniform > 0)

    @property
    def active(self) -> Array:
        """(N, ...) bool: pixels that the box bounds. A dead one, which the model does not look at, goes anywhere."""
        return np.asarray((self.eps < SPENT * self.cap) & self._wide(self.certified))

    @property
    def growth(self) -> Array:
        """(N, ...) float64: log of eps over the uniform one, both up to the pixel's wall; 0 where nothing is certified.

        Its sum over the pixels is how much larger the logarithm of the box's volume is.
        """
        even = np.minimum(self._wide(self.uniform), self.cap).astype(np.float64)
        there = self._wide(self.certified) & (self.cap > 0)
        return np.log(np.where(there, self.eps, 1) / np.where(there, even, 1))

    @property
    def gain(self) -> Array:
        """(N,) float64: how much larger the logarithm of the volume is than that of the uniform box."""
        return np.asarray(self.growth.reshape(len(self.eps), -1).sum(1))

    @property
    def gain_per_active(self) -> Array:
        """(N,) float64: the mean of the growth over active pixels; NaN where there are none."""
        active = self.active.reshape(len(self.eps), -1)
        total = np.where(active, self.growth.reshape(active.shape), 0).sum(1)
        return np.where(active.any(1), total / np.maximum(active.sum(1), 1), np.nan)

    @property
    def informative(self) -> Array:
        """(...) bool: pixels that are active in some picture. Dead ones would make all maps alike."""
        return np.asarray(self.active.any(0))

    @property
    def similarity(self) -> Array:
        """(N, N) float64: correlations between the maps of log eps over informative pixels, NaN where there is none.

        Each map is centred: that all of a model's eps are large makes no two maps alike.
        """
        maps = np.full((len(self.eps), int(self.informative.sum())), np.nan)
        known = self.certified
        maps[known] = np.log(self.eps[known][:, self.informative].astype(np.float64))
        if not maps.shape[1]:
            return np.full((len(maps), len(maps)), np.nan)
        maps -= maps.mean(1, keepdims=True)
        size = np.sqrt((maps**2).sum(1))
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = maps / np.where(size > 1e-6, size, np.nan)[:, None]
        return np.asarray(unit @ unit.T)

    def _wide(self, row: Array) -> Array:
        return row.reshape(-1, *[1] * (self.eps.ndim - 1))
