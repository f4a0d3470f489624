"""The worst loss near a network's weights, and how fast its gradient changes there."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import generator, normal
from explorer.core.errors import UserError
from explorer.core.norms import length
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Ball, Steepness
from explorer.landscapes._weights import Loss, join

STEPS = 10
Landscape = Callable[
    [Tensor], tuple[float, Tensor]
]  # from a move of the weights (n,) to the loss and its gradient (n,)


def worst(
    model: nn.Module, x: Tensor, labels: Tensor, share: float, *, steps: int = STEPS, tick: Tick = silent
) -> Ball:
    """Return the worst mean loss over pictures x (N, ...) in the l2 ball around the weights that `climb` finds.

    share : the radius over the length of all weights; a network whose weights are all doubled needs twice the radius
        for the same change, where scale does not matter, so that a radius alone compares two networks badly

    Raises `UserError` for a share that is not positive, and a label that the model does not have.
    """
    if not 0 < share < float("inf"):
        raise UserError(f"share = {share} is not a positive share of the weights' length.")
    loss = Loss(model, x, labels)
    radius = share * loss.weights.length
    return Ball(radius, share, climb(loss, loss.weights.zeros(), radius, steps=steps, tick=tick))


def climb(loss: Landscape, centre: Tensor, radius: float, *, steps: int = STEPS, tick: Tick = silent) -> Array:
    """Return the loss at the centre (n,) of a ball and after each of `steps` of ascent on its edge, (steps + 1,).

    Every step goes to where the loss, were it linear with the gradient met last, would be highest in the ball. The
    first is that of sharpness-aware minimisation (Foret et al. 2021, arXiv:2010.01412, eq. 2). For a convex loss no
    step goes down (Journée et al. 2010, JMLR 11:517); else one may. What is found is at most the worst there is.
    """
    losses, here = np.zeros(steps + 1), centre
    for i in range(steps + 1):
        tick(i, steps + 1, "steps in the ball")
        losses[i], gradient = loss(here)
        here = centre + radius * _unit(gradient)
    return losses


def steepness(
    model: nn.Module,
    x: Tensor,
    x_adv: Tensor,
    labels: Tensor,
    share: float,
    *,
    steps: int = STEPS,
    seed: int = 0,
    tick: Tick = silent,
) -> Steepness:
    """Return how much the loss's gradient in the weights changes as the weights move, and as the pictures do.

    In the weights: of the mean loss over x_adv, by power iteration on the change of the gradient over a move of fixed
    length, from a random direction; for a small move this is the Hessian's largest eigenvalue in size. In the pictures:
    of each picture's own loss, from x to x_adv and to a random picture as far away. These are L_tt and L_tx of
    Liu et al. 2020 (arXiv:2006.08403), seen from below: the gradient of the adversarial loss jumps by up to
    2·eps·L_tx however little the weights move.

    x, x_adv : (N, ...); labels : (N,) int64; share : the weights' move over the length of all weights

    Raises `UserError` for a share that is not positive, and a label that the model does not have.
    """
    if not 0 < share < float("inf"):
        raise UserError(f"share = {share} is not a positive share of the weights' length.")
    loss, rng = Loss(model, x_adv, labels), generator(seed)
    start, whole = loss.weights.zeros(), steps + len(x)
    radius = share * loss.weights.length
    _, origin = loss(start)
    along, ratios = _unit(normal(start.shape, rng, start.device).to(start)), np.zeros(steps)
    for i in range(steps):
        tick(i, whole, "changes of the gradient")
        change = loss(radius * along)[1] - origin
        ratios[i] = float(change.norm()) / radius
        along = _unit(change)
    loss.weights.move(start)
    x, x_adv = x.to(start.device), x_adv.to(start.device)
    size = length(x_adv - x, "l2")
    drawn = normal(x.shape, rng, start.device).to(x)
    reach = (size / length(drawn, "l2")).view(-1, *[1] * (x.ndim - 1))
    ends, bounds = (x_adv, x + drawn * reach), np.full((2, len(x)), np.nan)
    for i in range(len(x)):
        tick(steps + i, whole, "changes of the gradient")
        here = _alone(loss, x[i : i + 1], i)
        for k, end in enumerate(ends):
            if size[i] > 0:
                bounds[k, i] = float((_alone(loss, end[i : i + 1], i) - here).norm() / size[i])
    return Steepness(radius, ratios, *bounds)


def _alone(loss: Loss, x: Tensor, i: int) -> Tensor:
    """Return the gradient in the weights, (n,), of one picture's loss with the label of the i-th."""
    with torch.enable_grad():
        value = nn.functional.cross_entropy(loss.weights.model(x), loss.labels[i : i + 1])
        return join(loss.slopes(value))


def _unit(v: Tensor) -> Tensor:
    return nn.functional.normalize(v, dim=0, eps=1e-30)
