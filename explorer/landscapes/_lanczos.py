"""Lanczos' method for a symmetric matrix of which only products with vectors are known."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import eigh_tridiagonal
from torch import Tensor

from explorer.core.device import normal
from explorer.core.progress import Tick, silent
from explorer.core.results import Array

Times = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False, slots=True)
class Krylov:
    """What m steps found: H seen in an orthonormal basis (m, n) is tridiagonal.

    alphas : (m,) float64, its diagonal
    betas : (m,) float64, beside it; the last one is how much of the next step lies outside of the basis
    """

    alphas: Array
    betas: Array
    basis: Tensor

    def pairs(self) -> tuple[Array, Array]:
        """Return the Ritz values (m,), rising, and their vectors in the basis, the columns of (m, m)."""
        values, vectors = eigh_tridiagonal(self.alphas, self.betas[:-1])
        return values, vectors

    def residuals(self, vectors: Array) -> Array:
        """Return ||Hu - theta u|| of each Ritz pair (theta, u), (m,): an eigenvalue of H is as near as that to theta.

        Parlett 1998, The Symmetric Eigenvalue Problem, ch. 13.
        """
        found: Array = np.abs(self.betas[-1] * vectors[-1])
        return found


def lanczos(
    times: Times,
    start: Tensor,
    most: int,
    *,
    rng: torch.Generator | None = None,
    done: Callable[[Krylov], bool] | None = None,
    tick: Tick = silent,
) -> Krylov:
    """Return what up to `most` steps find from a vector `start` (n,), with full re-orthogonalisation.

    Where nothing is left outside of the basis it ends, or, with `rng`, goes on from a random vector beside it.

    done : asked after each step whether that is enough
    """
    n = len(start)
    most = min(most, n)
    tiny = 100 * torch.finfo(start.dtype).eps
    basis = start.new_empty((most, n))
    alphas, betas, scale = np.zeros(most), np.zeros(most), 0.0
    q = start / start.norm()
    for j in range(most):
        tick(j, most, "products with the Hessian")
        basis[j] = q
        held = basis[: j + 1]
        rest = times(q)
        scale = max(scale, float(rest.norm()))
        alphas[j] = float(q @ rest)
        rest = outside(held, rest)
        beta = float(rest.norm())
        lost = beta <= tiny * scale or j + 1 == n
        betas[j] = 0.0 if lost else beta
        found = Krylov(alphas[: j + 1], betas[: j + 1], held)
        if j + 1 == most or (done is not None and done(found)) or (lost and rng is None):
            break
        if lost and rng is not None:
            rest = outside(held, normal((n,), rng, start.device).to(start))
            beta = float(rest.norm())
        q = rest / beta
    return found


def outside(basis: Tensor, v: Tensor) -> Tensor:
    """Return what of v (n,), or of columns (n, s), is orthogonal to the rows of an orthonormal basis (m, n)."""
    for _ in range(2):  # rounding leaves some the first time
        v = v - basis.T @ (basis @ v)
    return v
