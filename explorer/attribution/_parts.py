"""Pictures cut into parts that are taken away whole."""

import numpy as np
import torch
from sklearn.cluster import KMeans
from torch import Tensor

from explorer.core.results import Array

STEP = 0.2  # how far apart two colours of [0, 1] are that count as one side of a cell
ROUNDS = 20  # of k-means, at most


def grid(x: Tensor, cells: int) -> Tensor:
    """Return the part of each pixel, (1, 1, H, W) int64: `cells` a side, numbered row by row."""
    row, column = (torch.arange(side, device=x.device) * cells // side for side in x.shape[2:])
    return (row[:, None] * cells + column)[None, None]


def superpixels(x: Tensor, cells: int) -> Tensor:
    """Return the part of each pixel, (N, 1, H, W) int64: at most cells² superpixels of each picture (N, C, H, W).

    k-means of place and colour from the grid's middles, so that parts keep to edges and chance has no share. Not all of
    Achanta et al.'s SLIC: every middle is compared with every pixel, colours are as they come, and a part may lie in
    several pieces.

    References
    ----------
    Achanta et al. 2012, doi:10.1109/TPAMI.2012.120, sec. 3: the distance, its `m` a `STEP`.
    """
    rows = [_clustered(picture, cells) for picture in x.detach().cpu().numpy()]
    return torch.from_numpy(np.stack(rows)[:, None]).to(x.device)


def _clustered(picture: Array, cells: int) -> Array:
    """Return the parts of one picture (C, H, W), (H, W)."""
    _, height, width = picture.shape
    places = np.stack(np.meshgrid(np.arange(height) / height, np.arange(width) / width, indexing="ij")) * cells
    points = np.concatenate([places, picture / STEP]).reshape(len(picture) + 2, -1).T.astype(np.float64)
    at = (np.arange(cells) + 0.5) / cells
    middles = points.reshape(height, width, -1)[np.ix_((at * height).astype(int), (at * width).astype(int))]
    start = middles.reshape(cells**2, -1)
    found: Array = KMeans(len(start), init=start, n_init=1, max_iter=ROUNDS).fit_predict(points)
    return found.reshape(height, width).astype(np.int64)
