"""What an attack does to pictures in a feature space, measured there: how far they move, and whose neighbours they are.

All of it from the features themselves, in float64, by Euclidean distance.
"""

import numpy as np
import torch
from torch import Tensor

from explorer.core.errors import Unsuited
from explorer.core.results import Array


def nearest(points: Array, among: Array, k: int) -> Array:
    """Return the places of the k nearest of some points (N, D) to each of `points` (N, D), itself left out, (N, k).

    Row i of both is the same picture, which is never its own neighbour. k is at most N - 1.
    """
    distances = torch.cdist(_double(points), _double(among))
    distances.fill_diagonal_(torch.inf)
    places: Array = distances.topk(min(k, len(among) - 1), largest=False).indices.numpy()
    return places


def agreement(neighbours: Array, labels: Array) -> Array:
    """Return the share (N,) of each picture's neighbours (N, k) that have its label."""
    return np.asarray((labels[neighbours] == labels[:, None]).mean(1, dtype=np.float32))


def shared(first: Array, second: Array) -> Array:
    """Return the share (N,) of a picture's neighbours (N, k) that are among its others (N, k)."""
    return np.asarray((first[:, :, None] == second[:, None, :]).any(2).mean(1, dtype=np.float32))


def between_classes(points: Array, labels: Array) -> float:
    """Return the mean Euclidean distance of the means of two classes, over all pairs of those that have pictures.

    Raises `Unsuited` where there is but one class, or where all means are the same point.
    """
    means = np.stack([points[labels == label].mean(0, dtype=np.float64) for label in np.unique(labels)])
    if len(means) < 2:
        raise Unsuited("These pictures are all of one class, so that no distance between classes is known: take more.")
    mean = float(torch.pdist(torch.from_numpy(means)).mean())
    if not mean:
        raise Unsuited("All classes have the same mean in this space: no length can be told by their distance.")
    return mean


def moved(clean: Array, attacked: Array) -> Array:
    """Return the Euclidean length (N,) by which points (N, D) move."""
    return np.asarray(np.linalg.norm(attacked.astype(np.float64) - clean, axis=1).astype(np.float32))


def _double(points: Array) -> Tensor:
    return torch.from_numpy(np.asarray(points, np.float64))
