"""How the decision boundary bends."""

import torch
from torch import Tensor, nn

from explorer.attacks._rows import wide
from explorer.core.device import generator, normal, own_seeds
from explorer.core.errors import UserError
from explorer.core.norms import length
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Curvature
from explorer.geometry._gap import gap_gradient
from explorer.models.prepare import prepare

STEP, PROBES, LANCZOS = 0.1, 10, 12  # length in l2, random directions for the mean, steps for the extremes
BATCH = 128  # points at once on a CPU


def curvature(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    reached: Tensor,
    *,
    step: float = STEP,
    seed: int = 0,
    start: int = 0,
    tick: Tick = silent,
) -> Curvature:
    """Return how the boundary between two classes bends at points x (N, ...) of it.

    With F = z_y - z_k, w its gradient and H its Hessian, the boundary F = 0 has in the unit direction v within it
    the curvature -v'Hv / ||w|| (Fawzi et al. 2018, arXiv:1705.09552, with the sign turned). Its mean over
    directions is estimated from random ones, the extremes by Lanczos' method on the Hessian within the boundary, which
    reaches them from inside: the highest is at least what is told, the lowest at most.

    It is measured at the points given alone, not on the way to them: the boundary is a surface that the way meets at
    its end, and before it H is how a logit's difference bends inside a class, which is no bend of a boundary. How the
    gradient turns within the budget is told by `geometry/linearity.py`.

    Products Hv are differences of the gradient `step` to both sides. A network of ReLUs has a Hessian of zeros almost
    everywhere and bends only where units switch; measured over a length, it bends as it does at that scale. For a
    quadratic F they are exact, whatever the length.

    labels, reached : (N,) int64, the classes y and k; x : at or near the boundary between them
    start : the first picture's place in the data set, on which and the seed its draws hang

    Raises `UserError` for a step that is not positive, and points of fewer than two coordinates.
    """
    if not 0 < step < float("inf"):
        raise UserError(f"step = {step} is not a positive length.")
    if x[0].numel() < 2:
        raise UserError("A boundary bends in two dimensions or more.")
    fast, device = prepare(model), next(model.parameters()).device
    size = BATCH if device.type == "cpu" else 8 * BATCH
    seeds = own_seeds(seed, start, len(x)).tolist()
    columns = []
    for first in range(0, len(x), size):
        rows = slice(first, first + size)
        bend = _Bend(fast, x[rows].to(device), labels[rows].to(device), reached[rows].to(device), step)
        rngs = [generator(own) for own in seeds[rows]]
        ear = part(tick, first, len(bend.x), len(x))
        columns.append([value.cpu() for value in bend.measures(rngs, ear)])
    mean, highest, lowest = (torch.cat(values).numpy() for values in zip(*columns, strict=True))
    return Curvature(mean, highest, lowest, step)


class _Bend:
    """The boundary at some points: its normals, and products of its curvature with directions (n, ...) in it."""

    def __init__(self, model: nn.Module, x: Tensor, labels: Tensor, reached: Tensor, step: float) -> None:
        self.model, self.x, self.labels, self.reached, self.step = model, x, labels, reached, step
        w = self._gradient(x)
        self.steep = length(w, "l2")
        self.normal = w / wide(self.steep, w)

    def measures(self, rngs: list[torch.Generator], tick: Tick) -> tuple[Tensor, Tensor, Tensor]:
        """Return the mean, the highest and the lowest curvature, (n,) each; NaN where F does not change."""

        def drawn() -> Tensor:
            return self._unit(torch.stack([normal(self.x.shape[1:], rng, self.x.device) for rng in rngs]))

        total = torch.zeros(len(self.x), device=self.x.device)
        for i in range(PROBES):
            tick(i, PROBES + LANCZOS)
            v = drawn()
            total += _dot(v, self.times(v))
        count = min(LANCZOS, self.x[0].numel() - 1)
        basis = [drawn()]
        products = []
        for i in range(count):
            tick(PROBES + i, PROBES + LANCZOS)
            products.append(self.times(basis[-1]))
            rest = products[-1]
            for _ in range(2):  # rounding leaves some the first time
                for q in basis:
                    rest = rest - wide(_dot(q, rest), rest) * q
            if i + 1 < count:
                lost = length(rest, "l2") <= 1e-5 * length(products[-1], "l2").clamp_min(1e-20)
                rest = torch.where(wide(lost, rest), drawn(), rest)  # nothing new: any direction is as good
                for q in basis:
                    rest = rest - wide(_dot(q, rest), rest) * q
                basis.append(self._unit(rest))
        q, p = (torch.stack(rows, dim=1).flatten(2) for rows in (basis, products))  # (n, count, d)
        inner = q @ p.mT
        values = torch.linalg.eigvalsh(((inner + inner.mT) / 2).nan_to_num())
        lost = wide(~inner.flatten(1).isfinite().all(1), values)
        values = values.masked_fill(lost, float("nan"))
        return total / PROBES, values[:, -1], values[:, 0]

    def times(self, v: Tensor) -> Tensor:
        """Return the product of the curvature with directions in the boundary."""
        change = self._gradient(self.x + self.step * v) - self._gradient(self.x - self.step * v)
        return -self._inside(change) / wide(2 * self.step * self.steep, change)

    def _inside(self, v: Tensor) -> Tensor:
        return v - wide(_dot(v, self.normal), v) * self.normal

    def _unit(self, v: Tensor) -> Tensor:
        v = self._inside(self._inside(v))
        return v / wide(length(v, "l2"), v)

    def _gradient(self, x: Tensor) -> Tensor:
        return gap_gradient(self.model, x, self.labels, self.reached)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).flatten(1).sum(1)
