"""What was found of how sharp a loss is in a network's weights, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.results._rows import Array
from explorer.core.results.ball import Ball, Steepness


@dataclass(frozen=True, eq=False, slots=True)
class Eigenvalues:
    """The largest eigenvalues of the Hessian of a mean loss in the weights.

    values : (k,) float64, falling
    errors : (k,) float64, the residual of each: an eigenvalue lies as near as that
    lowest, lowest_error : the lowest that the same steps reached, which the true one is at most, and its residual
    weights : the number of weights
    products : how many products with the Hessian it took
    loss, slope : the mean loss there, and the length of its gradient
    """

    values: Array
    errors: Array
    lowest: float
    lowest_error: float
    weights: int
    products: int
    loss: float
    slope: float

    def __post_init__(self) -> None:
        if not (self.values.shape == self.errors.shape == (len(self.values),) and 0 < len(self.values) <= self.weights):
            raise ValueError("eigenvalues need one error each, and are at most as many as weights")
        if (np.diff(self.values) > 0).any() or (self.errors < 0).any():
            raise ValueError("eigenvalues fall, and their errors are not negative")


@dataclass(frozen=True, eq=False, slots=True)
class Density:
    """How the eigenvalues of a Hessian are spread: P quadratures with up to M nodes.

    nodes : (P, M) float64, where; shares : (P, M) float64, how much of all eigenvalues lies there, 1 in each row
    weights : the number of eigenvalues, that of the network's weights
    """

    nodes: Array
    shares: Array
    weights: int

    def __post_init__(self) -> None:
        if self.nodes.ndim != 2 or self.nodes.shape != self.shares.shape:
            raise ValueError("a density needs a share at every node")
        if not (self.shares >= 0).all() or not np.allclose(self.shares.sum(1), 1):
            raise ValueError("the shares of a quadrature are not negative and sum to 1")

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest node that has a share."""
        held = self.nodes[self.shares > 0]
        return float(held.min()), float(held.max())

    @property
    def mean(self) -> Array:
        """(P,) float64: the mean eigenvalue by each quadrature, an unbiased draw of trace / weights."""
        return np.asarray((self.nodes * self.shares).sum(1))

    def at(self, where: Array, width: float) -> Array:
        """Return the density (P, G) at places (G,), each node a normal curve of standard deviation `width`.

        It integrates to 1. Per unit of eigenvalue; `width` is what the drawing can tell apart.
        """
        found = np.zeros((len(self.nodes), len(where)))
        for nodes, shares, row in zip(self.nodes, self.shares, found, strict=True):
            row += shares @ np.exp(-(((where - nodes[:, None]) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """The trace of a Hessian: what was found exactly, and draws whose mean is the rest.

    beyond : (m,) float64, m at least 2, independent and unbiased
    """

    exact: float
    beyond: Array
    weights: int

    def __post_init__(self) -> None:
        if self.beyond.ndim != 1 or len(self.beyond) < 2:
            raise ValueError("a trace needs two draws of the rest at least")

    @property
    def draws(self) -> Array:
        """(m,) float64: unbiased draws of the whole trace."""
        return np.asarray(self.exact + self.beyond)

    @property
    def value(self) -> float:
        """The trace."""
        return float(self.draws.mean())


@dataclass(frozen=True, eq=False, slots=True)
class Sharp:
    """One model's Hessian on some pictures: its largest eigenvalues, their sum, and where asked for their spread."""

    values: Eigenvalues
    density: Density | None
    trace: Trace

    def __post_init__(self) -> None:
        sizes = {self.values.weights, self.trace.weights, *([self.density.weights] if self.density else [])}
        if len(sizes) != 1:
            raise ValueError("a Hessian has as many eigenvalues as weights")


@dataclass(frozen=True, eq=False, slots=True)
class Sharpness:
    """Model A and model B on the same n pictures.

    clean, adversarial : by model; of the loss on the pictures, and on each model's own adversarial ones, made once
        at its weights; empty where not asked for
    """

    n: int
    clean: Mapping[str, Sharp]
    adversarial: Mapping[str, Sharp]

    def __post_init__(self) -> None:
        if not self.models or (self.clean and self.adversarial and [*self.clean] != [*self.adversarial]):
            raise ValueError("sharpness needs the same models on both kinds of pictures")

    @property
    def models(self) -> list[str]:
        """The models, A first."""
        return list(self.clean or self.adversarial)


@dataclass(frozen=True, eq=False, slots=True)
class Scattering:
    """How adversarial perturbations of N pictures turn when the weights move a little: S sizes, D random directions.

    sizes : (S,) float64, of the weights' move, in shares of each filter's own length
    cosines, signs : (S, D, N) float32, between the perturbations before and after, and between their signs; NaN
        where a perturbation is zero
    again, signs_again : (N,) float32, the same between two attacks on the same weights from other starts: what the
        attack's own chance does
    """

    norm: str
    eps: float
    sizes: Array
    cosines: Array
    signs: Array
    again: Array
    signs_again: Array

    def __post_init__(self) -> None:
        if self.cosines.ndim != 3 or self.cosines.shape != self.signs.shape or len(self.sizes) != len(self.cosines):
            raise ValueError("scattering needs the cosines of every size, direction and picture")
        if not self.again.shape == self.signs_again.shape == self.cosines.shape[2:]:
            raise ValueError("scattering needs one control per picture")


@dataclass(frozen=True, eq=False, slots=True)
class Curved:
    """One model's loss on some pictures, in its weights: its Hessian, and the worst in a ball.

    still : (N,) bool, at which pictures the attack had no gradient to follow, so that it stayed at its random start;
        False where the loss is not under attack
    """

    sharp: Sharp
    ball: Ball
    still: Array


@dataclass(frozen=True, eq=False, slots=True)
class Scattered:
    """How one model's perturbations turn as its weights move, and how fast its gradients change.

    still : (N,) bool, as in `Curved`
    """

    scattering: Scattering
    steepness: Steepness
    still: Array


@dataclass(frozen=True, eq=False, slots=True)
class Curvatures:
    """Model A's and model B's sharpness, as far as it was asked for.

    n : pictures; curved : by loss, "clean" and "adversarial", by model; scattered : by model; steps : of the attack
    """

    n: int
    curved: Mapping[str, Mapping[str, Curved]]
    scattered: Mapping[str, Scattered]
    steps: int

    @property
    def sharpness(self) -> Sharpness | None:
        """Return the Hessians alone; None where there are none."""
        found = {loss: {model: one.sharp for model, one in self.curved.get(loss, {}).items()} for loss in LOSSES}
        return Sharpness(self.n, found["clean"], found["adversarial"]) if any(found.values()) else None


LOSSES = ("clean", "adversarial")
