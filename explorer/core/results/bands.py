"""What was found of margins by frequency, of several models, and of the directions that architectures prefer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array, rows
from explorer.core.results.geometry import BandMargins


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """Margins by frequency of several models in the same bands, on the same pictures.

    places : (N,) int64, where the pictures are in the test set
    models : by name, model A first, its lengths in the unit of the pictures as they are
    kinds : model -> how its pictures were changed, as "frequencies flipped", "" where they are as they are
    recipes : model -> the name of the recipe that it was trained by, "" where it was trained elsewhere
    """

    places: Array
    models: Mapping[str, BandMargins]
    kinds: Mapping[str, str]
    recipes: Mapping[str, str]

    def __post_init__(self) -> None:
        first = next(iter(self.models.values()))
        rows("margins by frequency", self.places, first.labels)
        if any(one.margins.shape != first.margins.shape for one in self.models.values()):
            raise ValueError("margins by frequency are compared on the same pictures, in the same bands")


@dataclass(frozen=True, eq=False, slots=True)
class BandChange:
    """One picture, and the changes within bands after which a model says something else of it.

    x : (C, H, W) float32, the picture as the model was shown it; label : its class
    margins : of this one picture, in the unit of pictures as they are, with the changes in that of x
    scale : by what a change of the picture as it is was shrunk to be one of x
    """

    x: Array
    label: int
    margins: BandMargins
    scale: float

    def __post_init__(self) -> None:
        if self.margins.delta is None or self.margins.delta.shape[:1] + self.margins.delta.shape[2:] != (
            1,
            *self.x.shape,
        ):
            raise ValueError("a picture's changes need its shape")

    @property
    def delta(self) -> Array:
        """The changes, (B, C, H, W); zeros where none was found."""
        found: Array = np.asarray(self.margins.delta)[0]
        return found


@dataclass(frozen=True, eq=False, slots=True)
class BandChanges:
    """One picture's changes within bands, on several models.

    index : the picture's place in the test set; models : by name, model A first; kinds : as in `Bands`
    """

    index: int
    models: Mapping[str, BandChange]
    kinds: Mapping[str, str]


@dataclass(frozen=True, eq=False, slots=True)
class Gradients:
    """Unit gradients of untrained networks' logit at one point, `rows` (N, C, H, W); zeros where there is none.

    start : the first network's place among all
    """

    start: int
    rows: Array

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False, slots=True)
class Anisotropy:
    """Which directions of input space the gradient of an untrained architecture prefers, from N networks drawn.

    count : N, those that have a gradient; flat : how many had none
    energy : (D,) float64, falling, sums to 1: the share of the gradients' squared length along each direction
    first, last : (K, C, H, W) float32, the directions of most and of least energy, unit vectors, the extreme ones first
    waves : (H, W) float64, the mean energy of each coefficient of the DCT over the channels, 1 without preference
    shares : (N, R) float64, of each network's squared gradient the share in each of R rings of frequencies of the DCT,
        from low to high; even : (R,) float64, what a gradient without preference has there
    """

    count: int
    flat: int
    energy: Array
    first: Array
    last: Array
    waves: Array
    shares: Array
    even: Array

    def __post_init__(self) -> None:
        if self.shares.shape != (self.count, len(self.even)) or self.first.shape != self.last.shape:
            raise ValueError("preferred directions need a network's shares in all rings, and both ends of the list")

    @property
    def chance(self) -> tuple[float, float]:
        """Between which energies nearly all directions would lie, of as many gradients without preference.

        The edges of the law of Marchenko & Pastur 1967, of shares that sum to 1.
        """
        size = len(self.energy)
        root = (size / self.count) ** 0.5
        return float(max(0.0, 1 - root) ** 2 / size), float((1 + root) ** 2 / size)
