"""The decision boundary as a plane, found by following linearised logits: DeepFool's inner step."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.core.goals import Goal
from explorer.core.norms import length

STEPS, CLASSES, LEAST, OVERSHOOT = 50, 10, 1e-4, 0.02


def boundary(model: nn.Module, x: Tensor, goal: Goal, ask: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """Return (r, w): the way from each x to near the decision boundary, and the boundary's unit normal there.

    Steps to the nearest linearised boundary until x + 1.02·r is beyond it; the box is not considered. For
    a targeted goal the boundary between the wanted class and the strongest other.

    x, r, w : (N, ...)
    ask : called before the model is

    References
    ----------
    Moosavi-Dezfooli et al. 2016, arXiv:1511.04599, algorithm 2.
    """
    r, play = x * 0, torch.arange(len(x), device=x.device)
    for _ in range(STEPS):
        ask()
        r[play] += _to_the_nearest(model, x[play] + r[play], goal[play])
        ask()
        beyond = goal[play].reached(model(x[play] + (1 + OVERSHOOT) * r[play]))
        play = play[~beyond]
        if not len(play):
            break
    ask()
    with torch.enable_grad():
        point = (x + r).requires_grad_(True)
        (w,) = torch.autograd.grad(-goal.margin(model(point)).sum(), point)
    return r, w / _size(w)


def _to_the_nearest(model: nn.Module, x: Tensor, goal: Goal) -> Tensor:
    """Return the shortest step to a linearised boundary, (N, ...); untargeted, among the nine strongest rivals."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        if goal.targeted:
            gaps = goal.margin(logits)[:, None]  # (N, 1)
        else:
            others = logits.detach().scatter(1, goal.labels[:, None], float("-inf"))
            rivals = others.topk(min(CLASSES, logits.shape[1]) - 1, dim=1).indices
            gaps = logits.gather(1, goal.labels[:, None]) - logits.gather(1, rivals)  # (N, rivals)
        step, least = torch.zeros_like(x), torch.full_like(gaps[:, 0], float("inf"))
        for gap in gaps.unbind(1):
            (w,) = torch.autograd.grad(-gap.sum(), x, retain_graph=True)
            size = _size(w)
            far = gap.detach().abs() / size.flatten()
            nearer = far < least
            least = torch.where(nearer, far, least)
            step = torch.where(nearer.view_as(size), far.view_as(size).clamp_min(LEAST) * w / size, step)
    return step.detach()


def _size(w: Tensor) -> Tensor:
    """Return the l2 length of each w, (N, 1, ...), never 0."""
    return length(w, "l2").clamp_min(1e-30).view(-1, *[1] * (w.ndim - 1))
