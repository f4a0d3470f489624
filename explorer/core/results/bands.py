"""What was found of margins by frequency, of several models; and of the directions that architectures prefer."""

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.results._rows import Array
from explorer.core.results.geometry import BandMargins


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """Margins by frequency of several models in the same bands, on the same pictures.

    models : by name, model A first, its lengths in the unit of the pictures as they are
    kinds : model -> how its pictures were changed, as "frequencies flipped", "" where they are as they are
    recipes : model -> the name of the recipe that it was trained by, "" where it was trained elsewhere
    """

    models: Mapping[str, BandMargins]
    kinds: Mapping[str, str]
    recipes: Mapping[str, str]

    def __post_init__(self) -> None:
        first = next(iter(self.models.values()))
        if any(one.margins.shape != first.margins.shape for one in self.models.values()):
            raise ValueError("margins by frequency are compared on the same pictures, in the same bands")


@dataclass(frozen=True, eq=False, slots=True)
class Anisotropy:
    """Which directions of input space the gradient of an untrained architecture prefers.

    energy : (D,) float32, falling, sums to 1: the share of the gradients' squared length along each direction
    first, last : (K, C, H, W) float32, the directions of most and of least energy, unit vectors, in that order
    shares : (N, R) float32, of each drawn network's squared gradient the share in each of R rings of frequencies of
        the DCT, from low to high; even : (R,) float32, what a gradient without preference has there
    """

    energy: Array
    first: Array
    last: Array
    shares: Array
    even: Array

    def __post_init__(self) -> None:
        if self.shares.shape[1:] != self.even.shape or self.first.shape != self.last.shape:
            raise ValueError("preferred directions need as many of the least as of the most preferred ones")
