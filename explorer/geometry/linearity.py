"""How linear a model's loss is around pictures, and how its gradient turns there."""

import torch
from torch import Tensor, nn

from explorer.attacks._rows import slope, wide
from explorer.core.device import generator, in_batches, own_seeds
from explorer.core.errors import UserError
from explorer.core.goals import Goal, known_labels
from explorer.core.norms import CONVEX, Norm, length, project, random_in_ball, steepest
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Linearity
from explorer.models.prepare import prepare

STEPS, STEP = 20, 0.25  # of gradient ascent, and their length in shares of eps
BATCH = 128  # pictures at once on a CPU


def linearity(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    norm: Norm,
    eps: float,
    *,
    seed: int = 0,
    start: int = 0,
    tick: Tick = silent,
) -> Linearity:
    """Return the local linearity of the cross-entropy around pictures x (N, ...), by projected gradient ascent.

    gamma(eps, x) = max over ||delta|| <= eps of |l(x + delta) - l(x) - delta·grad l(x)| (Qin et al. 2019,
    arXiv:1907.02610): what the loss may rise by within the budget beyond what its gradient tells. The ascent starts
    from a random point and from the opposite one, as a convex loss is off its tangent both where it rises and where it
    falls; it ends where it ends, so the figure is a lower bound. The box [0, 1] is no wall. Where a
    model is so sure that float32 makes its loss flat, the figure is 0; the margin's gradient, of which
    `Linearity.turned` tells, is not flat there.

    labels : (N,) int64
    start : the first picture's place in the data set, on which and the seed its draws hang

    Raises `UserError` for l0, an eps that is not positive, and a label that the model does not have.
    """
    if norm not in CONVEX or not 0 < eps < float("inf"):
        raise UserError(f"Linearity is measured in {', '.join(CONVEX)} and within a positive eps.")
    fast, device = prepare(model), next(model.parameters()).device
    x, goal = x.to(device), Goal(labels.to(device))
    with torch.no_grad():
        known_labels(goal.labels, fast(x[:1]).shape[1])
    seeds = own_seeds(seed, start, len(x)).tolist()

    def work(rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        some, own = x[rows], goal[rows]
        drawn = [random_in_ball(one[None], norm, eps, generator(s)) for one, s in zip(some, seeds[rows], strict=True)]
        start, ear = torch.cat(drawn), part(tick, rows.start, len(some), len(x))
        ends = [_climb(fast, some, own, norm, eps, delta, ear) for delta in (start, -start)]
        better = ends[1][0] > ends[0][0]
        gap, delta = torch.maximum(ends[0][0], ends[1][0]), torch.where(wide(better, some), ends[1][1], ends[0][1])
        here, there = (slope(fast, at, own)[1] for at in (some, some + delta))
        turned = (steepest(here, "l2") * steepest(there, "l2")).flatten(1).sum(1)
        return gap, length(here, "l2"), turned

    found = in_batches(len(x), BATCH if device.type == "cpu" else 8 * BATCH, work)
    gap, steep, turned = (torch.cat(parts).cpu().numpy() for parts in zip(*found, strict=True))
    return Linearity(norm, eps, gap, steep, turned)


def _climb(
    model: nn.Module, x: Tensor, goal: Goal, norm: Norm, eps: float, delta: Tensor, tick: Tick
) -> tuple[Tensor, Tensor]:
    """Return the largest distance of the loss from its tangent met on the way up, (n,), and where, (n, ...)."""
    loss, tangent = _loss(model, x, goal)
    best, worst = torch.zeros(len(x), device=x.device), torch.zeros_like(x)
    for i in range(STEPS + 1):
        tick(i, STEPS + 1)
        here, gradient = _loss(model, x + delta, goal)
        off = here - loss - (delta * tangent).flatten(1).sum(1)
        better = off.abs() > best
        best, worst = torch.where(better, off.abs(), best), torch.where(wide(better, x), delta, worst)
        up = steepest((gradient - tangent) * wide(off.sign(), x), norm)
        delta = project(delta + STEP * eps * up, norm, eps)
    return best, worst


def _loss(model: nn.Module, x: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    """Return the loss (n,) and its gradient (n, ...)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        loss = goal.loss(model(x))
        (gradient,) = torch.autograd.grad(loss.sum(), x)
    return loss.detach(), gradient
