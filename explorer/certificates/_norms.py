"""How fast a whole network's margins can change at most, from its layers one by one."""

from collections.abc import Mapping
from math import ceil, prod

import numpy as np
import torch
from torch import Tensor

from explorer.certificates._affine import Affine
from explorer.certificates._back import Bounds, differences
from explorer.certificates._dense import dense
from explorer.certificates.network import INPUT, Network, Step
from explorer.core.norms import DUAL, Norm, length

CELLS = 1 << 23  # of the largest matrix whose spectral norm is computed


def product(net: Network, norm: Norm, labels: Tensor, like: Tensor) -> Tensor:
    """Return bounds on how much logits[label] - logits[k] changes per length of a change, (N, K).

    The product of the layers' norms, over sums their sum. Szegedy et al. 2014 (arXiv:1312.6199), sec. 4.3.
    """
    reach, last = {INPUT: 1.0}, len(net.steps) - 1
    for i, step in enumerate(net.steps):
        before = [reach[source] for source in step.sources]
        if step.affine is None:
            reach[i] = sum(before) * (_overlap(step, norm) if step.kind == "maximum" else 1.0)
        elif i < last:
            reach[i] = before[0] * largest(step.affine, norm, like)
    rows, start = _margin_rows(net, labels, like)
    size = length(rows.flatten(0, 1), DUAL[norm]).view(rows.shape[:2])
    return size * reach[start]


def path(net: Network, labels: Tensor, like: Tensor, bounds: Mapping[int, Bounds] | None = None) -> Tensor:
    """Return bounds in linf on how much logits[label] - logits[k] changes, (N, K): sums over all paths of weights.

    bounds : of the steps, in the region of which this speaks: a ReLU that stays off there lets no path through
    For one hidden layer the 1-path norm: Latorre et al. 2020 (arXiv:2007.01003), eq. 3.
    """
    reach = {INPUT: like.new_ones(1, *net.shape)}
    last = len(net.steps) - 1
    for i, step in enumerate(net.steps):
        before = [reach[source] for source in step.sources]
        if step.affine is not None:
            if i < last:
                reach[i] = step.affine.spread(before[0])
        elif step.kind == "relu":
            reach[i] = before[0] if bounds is None else before[0] * (bounds[step.sources[0]][1] > 0)
        elif step.kind == "maximum":
            assert step.pool is not None
            reach[i] = step.pool(before[0])
        else:
            reach[i] = before[0] + before[1]
    rows, start = _margin_rows(net, labels, like)
    return (rows.abs() * reach[start][:, None]).flatten(2).sum(2)


def largest(affine: Affine, norm: Norm, like: Tensor) -> float:
    """Return a layer's norm, from `norm` to itself: the largest length of W·delta over |delta| = 1.

    Exact for linf and l1. For l2 from the whole matrix, or, where that is too large, by |W|₂² <= |W|₁ |W|∞.
    """
    if norm in ("linf", "l1"):
        with torch.enable_grad():
            ones = like.new_ones(1, *affine.inputs).requires_grad_(True)
            rows = affine.spread(ones)  # the sums of the sizes in each row of W, and by their gradient in each column
            (columns,) = torch.autograd.grad(rows.sum(), ones)
        return float((rows if norm == "linf" else columns).detach().max())
    if prod(affine.inputs) * prod(affine.outputs) > CELLS:
        return float((largest(affine, "linf", like) * largest(affine, "l1", like)) ** 0.5)
    weight = dense(affine, like)[0]
    gram = weight @ weight.T if len(weight) < weight.shape[1] else weight.T @ weight
    return float(np.linalg.eigvalsh(gram)[-1].clip(0) ** 0.5)


def _overlap(step: Step, norm: Norm) -> float:
    """Return a maximum's norm: as many outputs hang on one input as windows hold it."""
    pool = step.pool
    assert pool is not None
    windows = 1
    for sides in zip(*(_sides(side) for side in (pool.kernel_size, pool.stride, pool.dilation)), strict=True):
        size, stride, dilation = sides
        windows *= ceil(size / stride) if dilation == 1 else size
    norms: dict[Norm, float] = {"linf": 1.0, "l2": windows**0.5, "l1": windows}
    return norms[norm]


def _sides(side: int | tuple[int, ...]) -> tuple[int, ...]:
    return (side, side) if isinstance(side, int) else side


def _margin_rows(net: Network, labels: Tensor, like: Tensor) -> tuple[Tensor, int]:
    """Return the rows of the margins (N, K, *shape) on the values of a step, and that step: behind a last layer."""
    rows, final = differences(labels, net.classes, like), net.steps[-1]
    if final.affine is None:
        return rows, len(net.steps) - 1
    back = final.affine.back(rows.flatten(0, 1)).view(*rows.shape[:2], *final.affine.inputs)
    return back, final.sources[0]
