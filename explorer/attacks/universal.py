"""One perturbation for every picture."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.core.device import uniform
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Real, Whole
from explorer.core.norms import project, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

BATCH, AT_ONCE = 20, 128  # pictures of the crowd in a step; in a pass that only asks
CLIP = 9.0  # cross-entropy: a picture fooled so well counts no more


@attack("Universal perturbation", norms=("linf", "l2"), paper="arXiv:1610.08401", knows="gradients")
def universal(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    epochs: Annotated[int, Whole(1, 100, "passes through the crowd, at most")] = 5,
    share: Annotated[float, Real(0.05, 1.0, "share of the crowd to be fooled: then it is done")] = 0.8,
    step: Annotated[float, Real(0.005, 1.0, "length of a step as a fraction of eps")] = 0.1,
    rng: Generator,
    crowd: Tensor,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Make one perturbation that fools most of a crowd of other pictures, and add it to x.

    Moosavi-Dezfooli et al.'s problem (eq. 1): ||v|| <= eps, and f(c + v) is not f(c) for a share of the pictures
    c, f being the model's own answers; solved as by Shafahi et al. (algorithm 1), not by DeepFool on one
    picture after another: v climbs the summed loss of a few pictures of the crowd by a step of fixed length,
    projected on the ball. The loss is the cross-entropy, clipped at 9 lest a few pictures rule. Targeted,
    f(c + v) is to be the wanted class. It never looks at x.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]
    crowd : (M, ...) the pictures that it is made on
    track : is shown x with the perturbation at the start and after each epoch

    Returns
    -------
    (N, ...): x + v, clipped to the box, with the last v; never a mixture of several, as `track` would keep.

    References
    ----------
    Moosavi-Dezfooli et al. 2017, arXiv:1610.08401; Shafahi et al. 2020, arXiv:1811.11304.
    """
    wanted, which = (
        torch.unique(goal.labels, return_inverse=True) if goal.targeted else (goal.labels[:1], goal.labels * 0)
    )
    v = torch.zeros((len(wanted), *x.shape[1:]), device=x.device)  # a perturbation for each wanted class, or one
    play = torch.arange(len(v), device=x.device)  # those that do not fool enough of the crowd yet
    labels = (
        wanted[:, None].expand(-1, len(crowd)) if goal.targeted else _answers(model, crowd, v, partial(tick, 0, epochs))
    )
    for epoch in range(epochs + 1):
        now = partial(tick, min(epoch, epochs - 1), epochs)
        if track is not None and len(track.open):
            now()
            x_t = (x + v[which]).clamp(0, 1)[track.open]
            track.see(x_t, model(x_t))
        if epoch:
            fooled = (_answers(model, crowd, v[play], now) == labels[play]) == goal.targeted
            play = play[fooled.float().mean(1) < share]
        if epoch == epochs or not len(play):
            break
        order = uniform((len(crowd),), rng, x.device).argsort()
        for rows in torch.split(order, BATCH):
            now()
            rise = _summed(model, crowd[rows] + v[play][:, None], Goal(labels[play][:, rows].flatten(), goal.targeted))
            v[play] = project(v[play] + step * threat.eps * steepest(rise, threat.norm), threat.norm, threat.eps)
    return (x + v[which]).clamp(0, 1)


def _answers(model: nn.Module, crowd: Tensor, v: Tensor, now: Callable[[], None]) -> Tensor:
    """Return what the model says of each picture of the crowd with each perturbation, (V, M)."""
    said = []
    for part in torch.split(crowd, AT_ONCE):
        now()
        said.append(model((part + v[:, None]).clamp(0, 1).flatten(0, 1)).argmax(1).view(len(v), -1))
    return torch.cat(said, 1)


def _summed(model: nn.Module, x_t: Tensor, goal: Goal) -> Tensor:
    """Return the gradient of the clipped losses of pictures (V, M, ...), cut to the box, summed over M."""
    logits, gradient = ascent(model, x_t.clamp(0, 1).flatten(0, 1), goal)
    odds = Goal(goal.labels).height(logits)  # against the label, whatever the goal
    weight = odds.sigmoid() * (goal.loss(logits) < CLIP)  # 1 - p of the label: from log odds to cross-entropy
    inside = (x_t >= 0) & (x_t <= 1)
    return (gradient.view_as(x_t) * weight.view(*x_t.shape[:2], *[1] * (x_t.ndim - 2)) * inside).sum(1)
