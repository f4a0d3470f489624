"""Where drawings begin."""

from typing import Literal, get_args

import torch
from torch import Generator, Tensor

from explorer.core.device import normal, uniform
from explorer.core.types import Data

Start = Literal["average", "picture", "noise", "class"]
STARTS: tuple[Start, ...] = get_args(Start)


def starts_of(kind: Start, picture: Tensor, labels: Tensor, data: Data, rng: Generator) -> Tensor:
    """Return a picture to begin from for each label, (K, C, H, W) in [0, 1].

    average : the mean of all pictures of `data`, which is of no class; picture : the chosen one; noise : one
        picture of uniform noise for all labels
    class : a draw from the label's own Gaussian, with mean and covariance of its pictures in `data`, clipped to
        the box. It knows the class before the model draws anything (Santurkar et al. 2019, arXiv:1906.09453, sec. 3)

    picture : (1, C, H, W); labels : (K,) int64
    """
    count = len(labels)
    if kind == "class":
        return torch.stack([_gaussian(data.x[data.y == label], rng) for label in labels])
    if kind == "noise":
        picture = uniform(data.x[:1].shape, rng, data.x.device)
    elif kind == "average":
        picture = data.x.mean(0, keepdim=True)
    return picture.expand(count, *picture.shape[1:])


def others(data: Data, label: int, count: int, rng: Generator) -> Tensor:
    """Return the places of pictures of so many other classes, drawn at random, (count,) int64; fewer if there are.

    A picture that noise covers (on `shapes`) shows no class, and is none of them.
    """
    order = torch.randperm(len(data.y), generator=rng)
    if (covered := data.masks.get("occluded")) is not None:
        order = order[~covered[order].flatten(1).any(1)]
    found: dict[int, int] = {}
    for i in order.tolist():
        if (y := int(data.y[i])) != label and y not in found:
            found[y] = i
        if len(found) == count:
            break
    return torch.tensor(list(found.values()))


def _gaussian(x: Tensor, rng: Generator) -> Tensor:
    """Draw from the normal distribution with mean and covariance of pictures (N, ...).

    mean + sum_i g_i (x_i - mean) / sqrt(N), with g standard normal, has that covariance: no matrix is made.
    """
    mean = x.mean(0)
    weights = normal((len(x),), rng, x.device) / len(x) ** 0.5
    spread: Tensor = torch.tensordot(weights, x - mean, dims=1)
    return (mean + spread).clamp(0, 1)
