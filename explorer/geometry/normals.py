"""Which way the decision boundary faces, at the points of it that are nearest to pictures."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import generator, in_batches
from explorer.core.norms import steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Normals, Spectrum
from explorer.geometry._gap import gap_gradient
from explorer.geometry._shortest import shortest
from explorer.models.prepare import prepare

BATCH = 128  # pictures at once on a CPU


def normals(model: nn.Module, x: Tensor, *, seed: int = 0, tick: Tick = silent) -> tuple[Normals, Tensor]:
    """Return the boundary's normals near pictures x (N, ...), and the points where they stand, (N, ...).

    The nearest point is the nearer one of those that two searches for the shortest change in l2 find inside the box
    [0, 1], those of `geometry/kinds.py`, away from the class that the model gives the picture: an upper bound on the
    distance. One alone may stop far from the nearest point where gradients mislead it. The normal there is the unit
    vector along the gradient of z_k - z_y, k the class beyond, so it points away from the picture's class y; zeros
    where nothing was found.
    """
    fast, device = prepare(model), next(model.parameters()).device
    x, size = x.to(device), BATCH if device.type == "cpu" else 8 * BATCH

    def answers(rows: slice) -> Tensor:
        with torch.no_grad():
            labels: Tensor = fast(x[rows]).argmax(1)
        return labels

    labels = torch.cat(in_batches(len(x), size, answers))
    nearest = shortest(model, x, labels, "l2", seed=seed, tick=tick)
    x_adv = torch.from_numpy(nearest.x_adv).to(device)
    reached = torch.from_numpy(nearest.logits_adv.argmax(1)).to(device)

    def away(rows: slice) -> Tensor:
        return -steepest(gap_gradient(fast, x_adv[rows], labels[rows], reached[rows]), "l2")

    ways = torch.cat(in_batches(len(x), size, away)).cpu().numpy()
    found = nearest.success & ways.reshape(len(x), -1).any(1)
    ways[~found] = 0.0
    distance = np.where(found, nearest.distance, np.nan).astype(np.float32)
    return Normals(labels.cpu().numpy(), reached.cpu().numpy(), found, distance, ways), x_adv


def spectrum(ways: Array) -> Spectrum:
    """Return the singular values of unit vectors (N, d); those of length zero count for nothing."""
    ways = ways[ways.any(1)].astype(np.float64)
    gram = ways @ ways.T if len(ways) <= ways.shape[1] else ways.T @ ways
    values = np.linalg.eigvalsh(gram)[::-1].clip(0) ** 0.5
    return Spectrum(values.astype(np.float32))


def scattered(ways: Array, seed: int) -> Array:
    """Return vectors (N, d) with the sign of every value drawn at random: what is left is where they lie.

    Two vectors on the same few pixels are more alike than random directions by that alone.
    """
    signs = torch.randint(2, ways.shape, generator=generator(seed), dtype=torch.int8).numpy() * 2 - 1
    return np.asarray(ways * signs)


def near_pairs(x: Tensor, count: int = 5) -> Array:
    """Return which pictures (N, ...) are neighbours, (N, N) bool: one is among the other's `count` nearest in l2."""
    far = torch.cdist(x.flatten(1), x.flatten(1)).fill_diagonal_(float("inf"))
    nearest = far.topk(min(count, len(x) - 1), largest=False).indices
    near = torch.zeros_like(far, dtype=torch.bool).scatter_(1, nearest, True)
    both: Array = (near | near.T).cpu().numpy()
    return both
