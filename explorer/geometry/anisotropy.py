"""Neural anisotropy directions: what an architecture looks at before it has seen any data."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.fft import dctn
from torch import Tensor, nn

from explorer.core.device import generator, normal
from explorer.core.errors import UserError
from explorer.core.norms import steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import Anisotropy, Array

RINGS, KEPT = 4, 8


def point(shape: tuple[int, ...], seed: int) -> Tensor:
    """Return the point at which gradients are taken, of zero mean and unit spread as networks expect, (*shape)."""
    return normal(shape, generator(seed), torch.device("cpu"))


def gradients(
    draw: Callable[[torch.Generator], nn.Module], x: Tensor, seeds: Sequence[int], *, tick: Tick = silent
) -> Tensor:
    """Return unit gradients at x (C, H, W) of networks drawn at random, one for each seed, (N, C, H, W).

    Zeros where a network has no gradient there. Batch norm counts with the statistics it begins with, mean 0 and
    variance 1, so that a gradient hangs on one picture alone.

    draw : from a generator to a network with one logit, (N, C, H, W) to (N, 1); it may be the same one drawn anew
    """
    rows = []
    for i, seed in enumerate(seeds):
        tick(i, len(seeds), "networks drawn")
        model = draw(generator(seed)).eval()
        with torch.enable_grad():
            at = x[None].clone().requires_grad_(True)
            (row,) = torch.autograd.grad(model(at).sum(), at)
        rows.append(steepest(row, "l2"))
    return torch.cat(rows)


def steep(rows: Array) -> Array:
    """Return which networks have a gradient, (N,) bool, from their gradients (N, C, H, W)."""
    return np.asarray(rows.reshape(len(rows), -1).any(1))


def anisotropy(rows: Array) -> Anisotropy:
    """Return the neural anisotropy directions from unit gradients of untrained networks, (N, C, H, W).

    They are the eigenvectors of the covariance of the gradient over random initialisations, E[g g'], the energies its
    eigenvalues. A network learns what distinguishes classes along the first ones easily, along the last ones hardly.
    In the paper gradients count as long as they are; here each counts as much as another, so that the energies of an
    architecture without preference are known (`Anisotropy.chance`).

    Raises `UserError` for fewer gradients than there are directions, as the least preferred would be unknown.

    References
    ----------
    Ortiz-Jimenez, Modas et al. 2020, "Neural anisotropy directions", arXiv:2006.09717, sec. 3, definition 2.
    """
    known = rows[steep(rows)]
    size = int(np.prod(rows.shape[1:]))
    if len(known) < size:
        raise UserError(
            f"Directions in {size} dimensions need at least as many networks with a gradient, and {len(known)} of "
            f"{len(rows)} have one: draw more, choose a smaller side, or another architecture."
        )
    flat = known.reshape(len(known), -1).astype(np.float64)
    energy, ways = np.linalg.eigh(flat.T @ flat / len(flat))
    energy, ways = energy[::-1].clip(min=0), ways.T[::-1].astype(np.float32).reshape(-1, *rows.shape[1:])
    ring = rings(rows.shape[-2], rows.shape[-1])
    waves = dctn(known.astype(np.float64), axes=(2, 3), norm="ortho") ** 2
    shares = np.stack([waves[:, :, ring == k].sum((1, 2)) for k in range(RINGS)], axis=1)
    even = np.bincount(ring.ravel(), minlength=RINGS) / ring.size
    kept = min(KEPT, size)
    energy = energy / energy.sum()
    first, last = ways[:kept], ways[::-1][:kept].copy()
    return Anisotropy(
        len(known), len(rows) - len(known), energy, first, last, waves.mean(0).mean(0) * size, shares, even
    )


def rings(height: int, width: int) -> Array:
    """Return in which ring of frequencies each coefficient of the two-dimensional DCT lies, (height, width) int64.

    By the higher of its two frequencies, in shares of the highest there is: the lowest quarter, then the next.
    """
    down, along = (np.arange(n) / n for n in (height, width))
    found: Array = (RINGS * np.maximum(down[:, None], along)).astype(np.int64)
    return found
