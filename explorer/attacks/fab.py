"""The fast adaptive boundary attack."""

from typing import Annotated

import torch
from torch import Tensor, nn

from explorer.attacks import attack
from explorer.attacks._hills import Gap, likeliest
from explorer.attacks._planes import go_back
from explorer.attacks._rows import wide
from explorer.attacks._track import Track
from explorer.attacks._walls import to_plane
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Choice, Whole
from explorer.core.norms import DUAL, Norm, length
from explorer.core.progress import Tick, part, silent
from explorer.core.types import Threat

BIAS, OVERSHOOT, BACK = 0.1, 1.05, 0.9  # alpha_max, eta and beta of the paper
LOOKS = 4  # of the final search


@attack(
    "Fast adaptive boundary", norms=("linf", "l2", "l1"), paper="arXiv:1907.02044", knows="gradients", bound="smallest"
)
@torch.no_grad()
def fab(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    way: Annotated[str, Choice(("nearest", "each"), "to the class nearest now, or class after class")] = "nearest",
    steps: Annotated[int, Whole(1, 1000, "steps, in all or to each class")] = 100,
    targets: Annotated[int, Whole(1, 1000, "classes that are looked at, the likeliest first")] = 9,
    within: float = 0.0,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Walk along the decision boundary to where it is nearest to `x`.

    Each step linearises the gap between the label and another class, goes a little beyond the shortest
    way to that plane inside the pixel box, and is drawn towards the shortest way from `x` to the same
    plane; from a point across the boundary a tenth of the way to `x` is taken back. In the end a few
    looks between `x` and the shortest change found (alg. 1 of the paper).

    "nearest" looks at the classes likeliest at each point and goes to the nearest plane, one backward pass
    for each; "each" goes to the classes likeliest at `x` one after another, as AutoAttack does (FAB-T),
    whatever class is met first. Towards a wanted class both go to the plane between it and the strongest
    other class. Without the paper's random restarts.

    Parameters
    ----------
    within : an image leaves as soon as its change is no longer than this; AutoAttack's use of it

    Returns
    -------
    (N, ...): the shortest changes that reach the goal; where none does, the point closest to it.

    References
    ----------
    Croce & Hein 2020, arXiv:1907.02044; FAB-T: Croce & Hein 2020, arXiv:2003.01690, sec. 5.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    tick(0, 1)
    rivals: list[Tensor | None] = [None]
    logits = model(x)
    if way == "each" and not goal.targeted:
        rivals = [*likeliest(logits, goal, targets).unbind(1)]
    for run, rival in enumerate(rivals):
        _walk(model, x, goal, rival, targets, steps, within, track, part(tick, run, 1, len(rivals) + 1))
    looks = part(tick, len(rivals), 1, len(rivals) + 1)
    go_back(model, goal, track, LOOKS, lambda: looks(0, 1))
    return track.best


def _walk(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    rival: Tensor | None,
    targets: int,
    steps: int,
    within: float,
    track: Track,
    tick: Tick,
) -> None:
    """Walk along the boundary with one class, (N,), or with the nearest at each step."""
    rows = track.restart()
    x_0 = x_t = x[rows]
    goal, gap = goal[rows], Gap(goal[rows], None if rival is None else rival[rows])
    for i in range(steps):
        tick(2 * i, 2 * steps)
        if not len(x_0):
            break
        if rival is None and not goal.targeted:
            logits, height, w = _nearest(model, x_t, goal, track.norm, targets)
        else:
            logits, w = ascent(model, x_t, gap)
            height = gap.height(logits)
        track.see(x_t, logits)
        x_t = _step(x_0, x_t, height, w, track.norm)
        tick(2 * i + 1, 2 * steps)
        logits = model(x_t)
        track.see(x_t, logits)
        across = goal.margin(logits) < 0
        x_t = torch.where(wide(across, x), x_0 + BACK * (x_t - x_0), x_t)
        if (gone := track.size[track.open] <= within).any():
            track.leave(gone)
            x_0, x_t, goal, gap = x_0[~gone], x_t[~gone], goal[~gone], gap[~gone]


def _nearest(model: nn.Module, x: Tensor, goal: Goal, norm: Norm, targets: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits, and of the gap to the class whose plane is nearest the height and the gradient in x."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
    z = logits.detach()
    ways, least = likeliest(z, goal, targets), z.new_full((len(x),), float("inf"))
    height, w = torch.zeros_like(least), torch.zeros_like(x)
    for k, rival in enumerate(ways.unbind(1)):
        gap = Gap(goal, rival)
        (gradient,) = torch.autograd.grad(logits, x, gap.uphill(z), retain_graph=k + 1 < ways.shape[1])
        top = gradient.flatten(1).abs().amax(1).clamp_min(torch.finfo(x.dtype).tiny)  # a tiny gradient's square is 0
        far = gap.height(z).abs() / top / length(gradient.flatten(1) / top[:, None], DUAL[norm])
        nearer = far < least
        least, height = torch.where(nearer, far, least), torch.where(nearer, gap.height(z), height)
        w = torch.where(wide(nearer, x), gradient, w)
    return z, height, w


def _step(x_0: Tensor, x_t: Tensor, height: Tensor, w: Tensor, norm: Norm) -> Tensor:
    """Return the next point: beyond the plane where the gap's linearisation at x_t is 0, drawn towards x_0."""
    here, start, w = x_t.flatten(1), x_0.flatten(1), w.flatten(1)  # (M, d)
    rise = torch.stack([-height, -height - (w * (start - here)).sum(1)])
    delta, back = to_plane(torch.stack([here, start]), w, rise, norm)
    near, far = length(delta, norm), length(back, norm)
    weight = (near / (near + far).clamp_min(1e-8)).clamp_max(BIAS)[:, None]
    x_t = (1 - weight) * (here + OVERSHOOT * delta) + weight * (start + OVERSHOOT * back)
    return x_t.clamp(0, 1).view_as(x_0)
