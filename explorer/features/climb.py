"""Steps of a fixed length up a height, in a large ball: what every drawing is made by."""

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.norms import project, steepest
from explorer.core.progress import Tick, silent

Slope = Callable[[Tensor], tuple[Tensor, Tensor]]  # pictures (K, ...) -> heights (K,), gradients (K, ...)


def climb(
    slope: Slope, start: Tensor, *, eps: float, step: float, steps: int, settle: bool = False, tick: Tick = silent
) -> Tensor:
    """Return the highest iterate for each of K pictures.

    x_{t+1} = clip(x_0 + P(x_t + s_t·g/|g| - x_0)), with P the projection on the l2 ball and g the gradient of the
    height. Where the gradient is zero the picture stays where it is.

    start : (K, C, H, W) in [0, 1]; eps, step : l2 lengths in pixel units
    settle : steps shrink linearly, s_t = step·(1 - t/steps): for a height that has a top, around which steps of
        one length circle. Else s_t = step.

    References
    ----------
    Santurkar et al. 2019, arXiv:1906.09453, sec. 3 (projected gradient steps of one length in l2); Engstrom et
    al. 2019, arXiv:1906.00945, app. A. Of theirs, the last iterate is taken.
    """
    x = best = start.detach()
    highest = torch.full((len(start),), float("-inf"), device=start.device)

    def keep(height: Tensor) -> None:
        nonlocal best, highest
        higher = height > highest
        best = torch.where(higher.view(-1, *[1] * (x.ndim - 1)), x, best)
        highest = torch.where(higher, height, highest)

    for t in range(steps):
        tick(t, steps)
        height, gradient = slope(x)
        keep(height)
        length = step * (1 - t / steps) if settle else step
        x = (start + project(x + length * steepest(gradient, "l2") - start, "l2", eps)).clamp(0, 1)
    keep(slope(x)[0])
    return best
