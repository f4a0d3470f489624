"""What was found of a network's loss near its weights: how high it is at worst, and how fast its gradient changes."""

from dataclasses import dataclass

from explorer.core.results._rows import Array


@dataclass(frozen=True, eq=False, slots=True)
class Ball:
    """The worst loss found in a ball around a network's weights.

    radius : in l2; share : the radius in shares of the length of all weights
    losses : (T + 1,) float64: at the centre, after one ascent step on the ball's edge (SAM), after the next ones
    """

    radius: float
    share: float
    losses: Array

    def __post_init__(self) -> None:
        if self.losses.ndim != 1 or len(self.losses) < 2:
            raise ValueError("a ball needs the loss at its centre and after one step at least")

    @property
    def one(self) -> float:
        """How much higher the loss is after one step than at the centre."""
        return float(self.losses[1] - self.losses[0])

    @property
    def rise(self) -> float:
        """How much higher the highest loss found is than that at the centre: the true one is at least that."""
        return float(self.losses.max() - self.losses[0])


@dataclass(frozen=True, eq=False, slots=True)
class Steepness:
    """How fast the loss's gradient in the weights changes: lower bounds of local Lipschitz constants.

    radius : of the weights' move, in l2; weights : (T,) float64, the change of the mean loss's gradient over that of
        the weights, along the directions that an ascent went through
    pictures, chance : (N,) float64, the change of the gradient of one picture's loss over the length of the picture's
        move in l2: an adversarial one, and a random one of the same length; NaN where nothing moves
    """

    radius: float
    weights: Array
    pictures: Array
    chance: Array

    def __post_init__(self) -> None:
        if self.pictures.shape != self.chance.shape or self.pictures.ndim != 1 or self.weights.ndim != 1:
            raise ValueError("steepness needs two figures per picture")
