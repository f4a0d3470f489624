"""Norms of perturbations: length, projection, steepest step.

A perturbation `delta` is (N, ...); everything after the first axis is one vector. "l0", no norm but
called one in the field, counts the changed pixels, not the channels: its eps is a number of pixels.
"""

import math
from typing import Literal, get_args

import torch
from torch import Tensor

from explorer.core.device import normal, uniform

Norm = Literal["linf", "l2", "l1", "l0"]
NORMS: tuple[Norm, ...] = get_args(Norm)
CONVEX: tuple[Norm, ...] = NORMS[:3]  # those with a dual, a steepest step and a nearest point of the ball
SYMBOLS = {"linf": "ℓ∞", "l2": "ℓ2", "l1": "ℓ1", "l0": "ℓ0"}
DUAL: dict[Norm, Norm] = {"linf": "l1", "l2": "l2", "l1": "linf"}
ORDER = {"linf": float("inf"), "l2": 2.0, "l1": 1.0}


def length(delta: Tensor, norm: Norm) -> Tensor:
    """Return the norm of each perturbation, (N,)."""
    if norm == "l0":
        return _heights(delta).ne(0).to(delta.dtype).sum(1)
    size: Tensor = torch.linalg.vector_norm(delta.flatten(1), ord=ORDER[norm], dim=1)
    return size


def project(delta: Tensor, norm: Norm, eps: float | Tensor) -> Tensor:
    """Return the nearest point, in l2, of the ball of radius `eps` (pixel box not considered).

    eps : one radius, or one for each perturbation, (N,)
    """
    if norm == "l0":
        return delta * strongest(delta, eps.long() if isinstance(eps, Tensor) else int(eps))
    if norm == "linf":
        if isinstance(eps, Tensor):
            eps = eps.view(-1, *[1] * (delta.ndim - 1))
            return delta.clamp(-eps, eps)
        return delta.clamp(-eps, eps)
    flat, reach = delta.flatten(1), eps[:, None] if isinstance(eps, Tensor) else eps  # (N, d), (N, 1)
    if norm == "l2":
        size = length(delta, norm)[:, None]
        return (flat * (reach / size.clamp_min(1e-30)).clamp_max(1.0)).view_as(delta)
    return _project_l1(flat, reach).view_as(delta)


def _project_l1(flat: Tensor, eps: float | Tensor) -> Tensor:
    """Project on the l1 ball by soft thresholding (Duchi et al. 2008, fig. 1)."""
    size = flat.abs()
    ordered = size.sort(dim=1, descending=True).values
    excess = ordered.cumsum(1) - eps
    rank = torch.arange(1, flat.shape[1] + 1, device=flat.device, dtype=flat.dtype)
    kept = (ordered * rank > excess).sum(1, keepdim=True).clamp_min(1)  # (N, 1)
    threshold = (excess.gather(1, kept - 1) / kept).clamp_min(0)
    kept = (size - threshold).clamp_min(0)
    kept = kept * (eps / kept.sum(1, keepdim=True).clamp_min(1e-30)).clamp_max(1.0)  # what rounding left beyond
    return flat.sign() * kept * (eps > 0)


def strongest(delta: Tensor, count: int | Tensor) -> Tensor:
    """Return where the `count` pixels of largest change lie, of the shape of `delta`, bool.

    count : one number, or one for each perturbation, (N,) int64
    """
    size = _heights(delta)  # (N, pixels)
    most = int(count.max()) if isinstance(count, Tensor) else count
    index = size.topk(min(most, size.shape[1]), dim=1).indices
    within = torch.arange(index.shape[1], device=delta.device) < torch.as_tensor(count, device=delta.device).view(-1, 1)
    chosen = torch.zeros_like(size, dtype=torch.bool).scatter(1, index, within.expand_as(index))
    pixels = chosen.view(len(delta), 1, *delta.shape[2:]) if delta.ndim == 4 else chosen.view_as(delta)
    return pixels.expand_as(delta)


def _heights(delta: Tensor) -> Tensor:
    """Return how far each pixel moves, over its channels in l2, (N, pixels)."""
    if delta.ndim == 4:
        height: Tensor = torch.linalg.vector_norm(delta, dim=1)
        return height.flatten(1)
    return delta.flatten(1).abs()


def steepest(gradient: Tensor, norm: Norm, share: float = 0.0) -> Tensor:
    """Return the step of unit length along which a linear function rises fastest.

    linf: the sign; l2: the unit vector; l1: the largest coordinate alone. With `share` > 0 an
    l1 step is spread evenly over that share of the coordinates (Tramèr & Boneh 2019, sec. 3).
    A zero gradient gives a zero step. Not for l0.
    """
    if norm == "linf":
        return gradient.sign()
    flat = gradient.flatten(1)  # (N, d)
    if norm == "l2":
        flat = flat / flat.abs().amax(1, keepdim=True).clamp_min(1e-37)  # the square of a tiny gradient underflows
        return (flat / length(flat, norm)[:, None].clamp_min(1e-30)).view_as(gradient)
    count = max(1, round(share * flat.shape[1]))
    index = flat.abs().topk(count, dim=1).indices
    step = torch.zeros_like(flat).scatter(1, index, flat.gather(1, index).sign())
    return (step / step.abs().sum(1, keepdim=True).clamp_min(1.0)).view_as(gradient)


def random_in_ball(like: Tensor, norm: Norm, eps: float, rng: torch.Generator) -> Tensor:
    """Return points drawn uniformly from the ball of radius `eps`, of the shape of `like`. Not for l0."""
    shape, device = like.shape, like.device
    if norm == "linf":
        return (uniform(shape, rng, device) * 2 - 1) * eps
    d = math.prod(shape[1:])
    reach = uniform((shape[0], 1), rng, device) ** (1 / d)
    if norm == "l2":
        flat = normal((shape[0], d), rng, device)
    else:  # Laplace directions: uniform on the l1 sphere once normalised
        u, sign = uniform((2, shape[0], d), rng, device)
        flat = u.clamp_min(1e-30).log() * (sign < 0.5).to(like.dtype).mul(2).sub(1)
    return (flat * (eps * reach / length(flat, norm)[:, None])).view(shape)
