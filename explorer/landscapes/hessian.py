"""The largest eigenvalues of the loss's Hessian in the weights, and their directions."""

import numpy as np
import torch

from explorer.core.device import generator, normal
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.results import Eigenvalues
from explorer.landscapes._lanczos import Krylov, lanczos
from explorer.landscapes._weights import Direction
from explorer.landscapes.products import Products

TOLERANCE, MOST = 0.01, 80
NOTHING = 1e-3  # an eigenvalue's share of the largest below which its own relative error is not waited for


def leading(
    products: Products,
    count: int = 5,
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST,
    seed: int = 0,
    tick: Tick = silent,
) -> tuple[Eigenvalues, list[Direction]]:
    """Return the `count` largest eigenvalues, and unit eigenvectors as directions in weight space.

    By Lanczos' method from a random vector. It goes on until the residual ||Hu - lambda u|| of each is at most
    `tolerance` times it, or for `most` products. The residual is the error bar, never below what rounding does: an
    eigenvalue lies that near. The error is usually its square over the distance of the next eigenvalue, so far less.
    Not the largest in size, as power iteration finds: a negative eigenvalue, along which the loss falls to both sides,
    is told as `lowest`. Of equal eigenvalues one is found.

    Raises `UserError` for a count that is not from 1 to the number of weights, and a tolerance that is not positive.
    """
    n, rng = products.weights.size, generator(seed)
    if not 0 < count <= n:
        raise UserError(f"count = {count} is not a number of eigenvalues from 1 to {n:,}, that of the weights.")
    if not tolerance > 0:
        raise UserError(f"tolerance = {tolerance} is not positive.")
    before = products.count

    def enough(found: Krylov) -> bool:
        if len(found.alphas) < count:
            return False
        values, vectors = found.pairs()
        floor = NOTHING * np.abs(values).max()
        return bool((found.residuals(vectors) <= tolerance * np.maximum(np.abs(values), floor))[-count:].all())

    start = normal((n,), rng, products.gradient.device).to(products.gradient)
    found = lanczos(products, start, max(most, count), rng=rng, done=enough, tick=tick)
    values, vectors = found.pairs()
    rounding = 10 * torch.finfo(start.dtype).eps * np.abs(values).max()  # of a product
    errors, top = np.maximum(found.residuals(vectors), rounding), slice(-1, -count - 1, -1)
    chosen = torch.from_numpy(vectors[:, top].T.copy()).to(start)
    eigenvalues = Eigenvalues(
        values=values[top].copy(),
        errors=errors[top].copy(),
        lowest=float(values[0]),
        lowest_error=float(errors[0]),
        weights=n,
        products=products.count - before,
        loss=products.loss,
        slope=float(products.gradient.norm()),
    )
    return eigenvalues, [products.weights.shaped(u / u.norm()) for u in chosen @ found.basis]
