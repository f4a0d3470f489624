"""A feature space on two axes: the principal ones, or UMAP's. New points are placed by the map that was fitted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Placed
from explorer.features import compiled
from explorer.features.neighbours import nearest, shared

WIDE = 1024  # features: the covariance of more is not made


@dataclass(frozen=True, eq=False, slots=True)
class Projection:
    """A map that was fitted on points.

    xy : (N, 2) float32, where they lie; place : (M, D) -> (M, 2), where it places others
    explained : (2,) the share of the variance along each axis, (0,) where axes have none
    """

    xy: Array
    place: Callable[[Array], Array]
    explained: Array


def pca(points: Array) -> Projection:
    """Return the projection of points (N, D) on the two directions in which they vary most (Pearson 1901).

    Linear: it has lengths, but shows no more of the space than the share of the variance that it explains.
    """
    from sklearn.decomposition import PCA

    points = _varied(points)
    solver = "covariance_eigh" if points.shape[1] <= WIDE else "arpack"
    found = PCA(2, svd_solver=solver, random_state=0).fit(points.astype(np.float64))

    def place(others: Array) -> Array:
        return np.asarray(found.transform(_wide(others).astype(np.float64)).astype(np.float32))

    return Projection(place(points), place, found.explained_variance_ratio_.astype(np.float32))


def umap(points: Array, n_neighbors: int, min_dist: float, seed: int, tick: Tick = silent) -> Projection:
    """Return the UMAP of points (N, D) (McInnes et al. 2018, arXiv:1802.03426), by umap-learn.

    It begins with the principal axes, runs in one thread, and is the same for the same seed on one machine. It keeps
    neighbours together as far as two axes allow; lengths in it, and the size of its groups, mean nothing. Others are
    placed between those of the points that they are near to: approximately, and the better the nearer they are.

    One runs at a time in a process; `tick` can cancel the wait for it, not the run.
    """
    points = _varied(points)
    with compiled.alone(tick) as learn:
        found = learn.UMAP(
            n_neighbors=min(n_neighbors, len(points) - 1),
            min_dist=min_dist,
            init="pca",
            random_state=seed,
            transform_seed=seed,
            n_jobs=1,
        ).fit(points)

    def place(others: Array) -> Array:
        with compiled.alone(tick):
            return np.asarray(found.transform(_wide(others)), np.float32)

    return Projection(np.asarray(found.embedding_, np.float32), place, np.empty(0, np.float32))


def placed(projection: Projection, clean: Array, attacked: Array, k: int) -> Placed:
    """Return where a map that was fitted on clean points (N, D) has them, and places the attacked ones.

    k : of how many nearest neighbours it is counted whether the map keeps them
    """
    xy = projection.xy
    faithful = shared(nearest(clean, clean, k), nearest(xy, xy, k))
    return Placed(xy, projection.place(attacked), faithful, projection.explained)


def _wide(points: Array) -> Array:
    """Return points with two features at least."""
    if points.shape[1] < 2:
        points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
    return np.ascontiguousarray(points, np.float32)


def _varied(points: Array) -> Array:
    """Return points of which there is a map. Raises `Unsuited` where they all lie in one place."""
    if not (points != points[0]).any():
        raise Unsuited("All pictures have the same features in this space: there is nothing to map.")
    return _wide(points)
