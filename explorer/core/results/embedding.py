"""What an attack does to pictures in a model's feature space, and maps of that space."""

from dataclasses import dataclass

from explorer.core.results._rows import Array, rows
from explorer.core.results.saliency import Refused


@dataclass(frozen=True, eq=False, slots=True)
class Featured:
    """N test pictures as one model has them, before and after an attack on it.

    start : the place of the first in the test set
    labels : (N,) int64; logits, logits_adv : (N, K) float32
    clean, attacked : (N, D) float32, the features, D = 0 where the model has none; refused : why, or ""
    """

    start: int
    labels: Array
    logits: Array
    logits_adv: Array
    clean: Array
    attacked: Array
    refused: str = ""

    def __post_init__(self) -> None:
        rows("what has features", self.labels, self.logits, self.logits_adv, self.clean, self.attacked)


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """N pictures in a map of two axes that was fitted on the clean ones.

    xy, xy_adv : (N, 2) float32, where a picture lies clean, and where the same map places it attacked
    faithful : (N,) float32, the share of a picture's nearest neighbours in feature space that are so in the map too
    explained : (2,) float32, the share of the variance along each axis; (0,) of a map whose axes have none
    """

    xy: Array
    xy_adv: Array
    faithful: Array
    explained: Array

    def __post_init__(self) -> None:
        rows("a map", self.xy, self.xy_adv, self.faithful)


@dataclass(frozen=True, eq=False, slots=True)
class Space:
    """The first N test pictures in one model's feature space, clean and attacked, measured there.

    size : D, how many features; neighbours : k, of how many nearest clean pictures, itself left out, is spoken
    labels, said, said_adv : (N,) int64, the true class, and what the model says before and under attack
    margin, margin_adv : (N,) float32, the probability of the true class less the largest other
    moved : (N,) float32, how far the features move, in l2; between : the mean distance of two classes' means
    agree, agree_adv : (N,) float32, the share of the nearest clean pictures that have the picture's label
    kept : (N,) float32, the share of the nearest clean pictures that still are so under attack
    pca : the map by principal components
    """

    size: int
    neighbours: int
    labels: Array
    said: Array
    said_adv: Array
    margin: Array
    margin_adv: Array
    moved: Array
    between: float
    agree: Array
    agree_adv: Array
    kept: Array
    pca: Placed

    def __post_init__(self) -> None:
        columns = (self.said, self.said_adv, self.margin, self.margin_adv, self.moved, self.agree, self.agree_adv)
        rows("a feature space", self.labels, *columns, self.kept, self.pca.xy)

    @property
    def ratio(self) -> Array:
        """(N,) how far the features move, in mean distances between two classes' means."""
        ratio: Array = self.moved / self.between
        return ratio


@dataclass(frozen=True, eq=False, slots=True)
class Steps:
    """An attack's way through a map.

    xy : (T, 2) float32; said : (T,) int64, what the model says there
    step : (T,) int64, -1 for the picture itself, then the iterates that were kept, their number for the outcome
    """

    xy: Array
    step: Array
    said: Array

    def __post_init__(self) -> None:
        rows("a way through a map", self.xy, self.step, self.said)


@dataclass(frozen=True, eq=False, slots=True)
class Traced:
    """One picture's attack on model A and on model B, each in the map of its own model."""

    a: Steps | Refused
    b: Steps | Refused


@dataclass(frozen=True, eq=False, slots=True)
class Embedded:
    """One model's half of the Embedding page; a place in `placed` and `steps` is one in the same map.

    placed : None where no map is shown; steps : None where they are not there (yet)
    """

    space: Space | Refused
    placed: Placed | None = None
    steps: Steps | Refused | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Embedding:
    """The same pictures in the feature space of model A and of model B.

    projection : "pca" or "umap", the map that is shown, "" for none
    """

    a: Embedded
    b: Embedded
    projection: str = ""
