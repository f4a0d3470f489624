"""What models drew: classes, units, and a picture from its representation."""

from dataclasses import dataclass

from explorer.core.results._rows import Array, rows
from explorer.core.results.saliency import Refused


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """What one model drew: K pictures.

    x : (K, C, H, W) float32
    sought : (K,) int64, the class or the unit; of an inversion the class that the model sees in the picture
    before, after : (K,) float32, the class's log odds, the unit's activation, or the distance in representation from
        the picture, in lengths of the picture's representation; at the start and at `x`
    logits, logits_start : (K, classes) float32, of the model that drew, at `x` and at the start
    distance : (K,) float32, in l2 from the start
    seconds : the wall time
    """

    x: Array
    sought: Array
    before: Array
    after: Array
    logits: Array
    logits_start: Array
    distance: Array
    seconds: float

    def __post_init__(self) -> None:
        columns = (self.sought, self.before, self.after, self.logits, self.logits_start, self.distance)
        rows("what is drawn", self.x, *columns)


@dataclass(frozen=True, eq=False, slots=True)
class Drawings:
    """The same drawn by model A and by model B, from the same starts.

    what : "classes", "units" or "inversion"
    label : the picture's class, -1 where nobody said it; x : (1, C, H, W) the picture
    begun : what the starts are: "average", "picture", "noise", "class" (see `explorer.features.starts`), or "several"
    start : (K, C, H, W), of which a model with fewer units uses the first; origin : (K,) int64, the class of the
        picture that a start is, -1 where it is none
    eps, step : in l2, in pixel units; steps : how many
    other_a, other_b : (K, classes) float32, what model A says of B's drawings, and B of A's; None where there are none
    """

    what: str
    label: int
    x: Array
    begun: str
    start: Array
    origin: Array
    eps: float
    step: float
    steps: int
    a: Drawn | Refused
    b: Drawn | Refused
    other_a: Array | None
    other_b: Array | None

    def __post_init__(self) -> None:
        rows("what is drawn", self.start, self.origin)
        for one, said in ((self.a, self.other_b), (self.b, self.other_a)):
            if isinstance(one, Drawn) and (said is None or not len(said) == len(one.x) <= len(self.start)):
                raise ValueError("what is drawn needs a start, and another model's word, for each picture")


@dataclass(frozen=True, eq=False, slots=True)
class Versions:
    """One picture's robust and non-robust version (Ilyas et al. 2019), made on model A and on model B.

    robust : the picture's representation in an unrelated picture, which keeps the picture's label
    relabelled : the picture, moved a little until a model says another class, which becomes its label
    """

    robust: Drawings
    relabelled: Drawings
