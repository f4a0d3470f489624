"""All eigenvalues of the loss's Hessian at once: how they are spread, and their sum."""

import numpy as np
import torch
from torch import Tensor

from explorer.core.device import generator, uniform
from explorer.core.errors import UserError
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Density, Trace
from explorer.landscapes._lanczos import lanczos, outside
from explorer.landscapes.products import Products

PROBES, STEPS, COUNT = 6, 30, 30


def density(
    products: Products, *, probes: int = PROBES, steps: int = STEPS, seed: int = 0, tick: Tick = silent
) -> Density:
    """Return the spectral density, by stochastic Lanczos quadrature.

    From a random vector v, `steps` of Lanczos' method give the Gauss quadrature of the measure that v'f(H)v
    integrates: its nodes are the Ritz values, its weights the squared first components of their vectors. In the mean
    over v it is the eigenvalues' own. Exact in the first 2·steps - 1 moments for each v; between nodes the
    density is known no better than they are dense, so a lone eigenvalue inside the bulk is not seen.

    Raises `UserError` for fewer than one probe or step.

    References
    ----------
    Ghorbani et al. 2019, arXiv:1901.10159, sec. 2; Golub & Welsch 1969.
    """
    if min(probes, steps) < 1:
        raise UserError("A density takes one probe and one step at least.")
    rng, steps = generator(seed), min(steps, products.weights.size)
    nodes, shares = np.zeros((probes, steps)), np.zeros((probes, steps))
    for i in range(probes):
        found = lanczos(products, _signs(products, rng), steps, tick=part(tick, i, 1, probes))
        values, vectors = found.pairs()
        nodes[i, : len(values)], shares[i, : len(values)] = values, vectors[0] ** 2
    return Density(nodes, shares / shares.sum(1, keepdims=True), products.weights.size)


def trace(products: Products, *, count: int = COUNT, seed: int = 0, tick: Tick = silent) -> Trace:
    """Return the Hessian's trace, by Hutch++ with `count` products.

    A third of them finds the space Q in which H is largest, a third its trace there, exactly, and the rest is
    Hutchinson's estimate of what lies outside, g'(1 - QQ')H(1 - QQ')g for random signs g: independent draws whose
    mean is unbiased, from which the uncertainty is taken.

    Raises `UserError` for fewer than 4 products.

    References
    ----------
    Meyer et al. 2021, "Hutch++", arXiv:2010.09649, algorithm 1.
    """
    if count < 4:
        raise UserError(f"count = {count}: the trace takes 4 products at least.")
    rng, n = generator(seed), products.weights.size
    sketch = min(count // 3, n)
    rest = max(count - 2 * sketch, 2)
    total, steps = 0.0, iter(range(2 * sketch + rest))

    def times(v: Tensor) -> Tensor:
        tick(next(steps), 2 * sketch + rest, "products with the Hessian")
        return products(v)

    images = torch.stack([times(_signs(products, rng)) for _ in range(sketch)], dim=1)  # (n, sketch)
    basis = torch.linalg.qr(images).Q.T.contiguous()
    for q in basis:
        total += float(q @ times(q))
    beyond = np.zeros(rest)
    for i in range(rest):
        g = outside(basis, _signs(products, rng))
        beyond[i] = float(g @ times(g))
    return Trace(total, beyond, n)


def _signs(products: Products, rng: torch.Generator) -> Tensor:
    """Return random signs, (n,)."""
    like = products.gradient
    return torch.where(uniform(like.shape, rng, like.device) < 0.5, -1.0, 1.0).to(like)
