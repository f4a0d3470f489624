"""Two-dimensional points in [0, 1]², where a decision boundary can be seen whole."""

from typing import Annotated

import numpy as np
import torch

from explorer.core.knobs import Choice, Real
from explorer.core.types import Data
from explorer.data import dataset

SIZES = {"train": 1000, "test": 500}
SEEDS = {"train": 0, "test": 1}
CENTRES = np.array([[-1.0, -1.0], [1.0, 1.0]])
CLASSES = ("blue", "orange")


def _spirals(count: int, noise: float, rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved Archimedean spirals of one and a quarter turns."""
    y = np.arange(count) % 2
    turn = 0.25 + 1.25 * np.sqrt(rng.random_sample(count))
    angle = 2 * np.pi * turn + np.pi * y
    points = (turn / 1.5)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + noise * rng.standard_normal((count, 2)), y


@dataset(
    "Points in the plane",
    shape=(2,),
    classes=CLASSES,
    unit=1000,
    norm="linf",
    eps={"linf": 60, "l2": 80, "l1": 100},
    first=299,
    sizes=SIZES,
)
def toy(
    split: str,
    *,
    kind: Annotated[str, Choice(("moons", "circles", "spirals", "blobs"), "the figure the points form")] = "moons",
    noise: Annotated[float, Real(0.0, 0.3, "spread of the points about the figure")] = 0.08,
) -> Data:
    """Two moons, circles, spirals or blobs: seeded points of two classes in the unit square.

    Moons, circles and blobs are scikit-learn's. The figure is scaled by constants of its own, so
    train and test share one frame; the few points that fall outside the square are moved to its edge.
    """
    from sklearn.datasets import make_blobs, make_circles, make_moons  # slow to import

    count, rng = SIZES[split], np.random.RandomState(SEEDS[split])
    if kind == "moons":
        x, y = make_moons(count, noise=noise, random_state=rng)
        x = (x - [0.5, 0.25]) / [4.0, 2.6]
    elif kind == "circles":
        x, y = make_circles(count, noise=noise, factor=0.5, random_state=rng)
        x = x / 2.6
    elif kind == "spirals":
        x, y = _spirals(count, noise / 2, rng)
        x = x / 2.6
    else:
        x, y = make_blobs(count, centers=CENTRES, cluster_std=max(noise * 4, 1e-3), random_state=rng)
        x = x / 4.5
    points = torch.from_numpy(np.clip(x + 0.5, 0, 1).astype(np.float32))
    labels = torch.from_numpy(np.asarray(y, dtype=np.int64))
    return Data(points, labels, CLASSES)
