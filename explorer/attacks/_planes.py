"""Decision boundaries taken for planes: DeepFool's walk across the nearest, and the way back to it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.attacks._rows import wide
from explorer.attacks._track import Track, ahead, surely
from explorer.attacks._walls import movable
from explorer.core.goals import Goal
from explorer.core.norms import Norm, steepest

LEAST = 1e-4  # how much longer a step is than the plane is away, as in the authors' code
AGAIN = 2  # after its first step an image looks at so many classes: those nearest by what it knows
FREE = 0.5  # a gradient with less of its length inside the box than this counts there alone
PATIENCE = 20  # steps; later ones go as far beyond the plane again: between planes such reflections end (Motzkin)
BEYOND = 0.1  # of the rest of the way, to be on the far side of where the boundary should be


def cross(
    model: nn.Module,
    x_t: Tensor,
    goal: Goal,
    norm: Norm,
    *,
    steps: int,
    classes: int,
    overshoot: float,
    boxed: bool = True,
    track: Track,
    ask: Callable[[], None],
) -> Tensor:
    """Return where at most `steps` of DeepFool's steps lead from `x_t`, (M, ...).

    A step goes to the nearest plane and `overshoot` of its length further; an image whose goal is
    reached makes no more. Each step asks the model once and differentiates `classes` logits in the
    first step, two in the others.

    x_t : (M, ...) the images in play; they are so afterwards, too
    boxed : stay in the pixel box; else it is not considered, as in the paper
    ask : called before the model is
    """
    ends, rows = x_t.clone(), track.open
    left, slopes = torch.arange(len(x_t), device=x_t.device), torch.empty(0, device=x_t.device)
    for i in range(steps + 1):
        ask()
        if i < steps:
            logits, step, slopes = to_the_nearest(model, x_t, goal, norm, classes, boxed, slopes)
        else:
            logits = model(x_t)
        track.see(x_t, logits)
        ends[left] = x_t
        stays = ~surely(goal, logits)
        if i == steps or not stays.any():
            break
        track.leave(~stays)
        x_t, step, slopes, goal, left = x_t[stays], step[stays], slopes[stays], goal[stays], left[stays]
        x_t = x_t + (1 + (overshoot if i < PATIENCE else 1.0)) * step
        x_t = x_t.clamp(0, 1) if boxed else x_t
    track.play(rows)
    return ends


def to_the_nearest(
    model: nn.Module, x: Tensor, goal: Goal, norm: Norm, classes: int, boxed: bool, slopes: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits, the shortest step (M, ...) to where the linearised logits reach the goal, and slopes.

    slopes : (M, K) how fast, in the norm, each class's gap to the label closed when last differentiated,
        0 where never; empty: no class was. Those of the classes differentiated now are new in the result

    Away from a class it is the nearest plane that counts; towards a class, that of the strongest other.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        own = logits.gather(1, goal.labels[:, None])
        gaps = logits - own if goal.targeted else own - logits  # (M, K), to be brought below 0
        rivals = _rivals(gaps.detach(), goal, classes, slopes)  # (M, k)
        chosen = gaps.gather(1, rivals)
        w = torch.stack(
            [
                torch.autograd.grad(gap.sum(), x, retain_graph=i + 1 < chosen.shape[1])[0]
                for i, gap in enumerate(chosen.unbind(1))
            ],
            dim=1,
        )  # (M, k, ...)
    logits, chosen = logits.detach(), chosen.detach()
    found = (w * steepest(w.flatten(0, 1), norm).view_as(w)).flatten(2).sum(2)  # (M, k), the dual norm
    slopes = (slopes if len(slopes) else torch.zeros_like(logits)).scatter(1, rivals, found)
    away = chosen / found.clamp_min(1e-30)
    rows, nearest = torch.arange(len(x), device=x.device), away.argmin(1)
    normal = w[rows, nearest]
    normal = _inside(x.detach(), normal) if boxed else normal
    way = steepest(normal, norm)
    rise = (normal * way).flatten(1).sum(1)
    return logits, -way * wide(chosen[rows, nearest].abs() / rise.clamp_min(1e-30) + LEAST, x), slopes


def _rivals(gaps: Tensor, goal: Goal, classes: int, slopes: Tensor) -> Tensor:
    """Return the classes whose planes are worth a look, (M, k): of the strongest logits, then by the slopes known."""
    label = goal.labels[:, None]
    if goal.targeted:
        return gaps.scatter(1, label, float("-inf")).argmax(1, keepdim=True)
    if len(slopes):
        gaps, classes = gaps / slopes.clamp_min(1e-30), AGAIN
    return gaps.scatter(1, label, float("inf")).topk(min(classes, gaps.shape[1] - 1), dim=1, largest=False).indices


def _inside(x: Tensor, normal: Tensor) -> Tensor:
    """Return the normal without what points out of the box, where that is most of it.

    A step that the box cuts is short, and safe; one that it cuts to nothing would never arrive.
    """
    free = -movable(x, -normal)  # the step goes against the normal
    whole, part = ((one * steepest(one, "l2")).flatten(1).sum(1) for one in (normal, free))
    return torch.where(wide(part < FREE * whole, x), free, normal)


def go_back(model: nn.Module, goal: Goal, track: Track, looks: int, ask: Callable[[], None]) -> None:
    """Look for where the way from the image to its best iterate crosses the boundary, and show that to `track`.

    For a search of the smallest change in a norm in which half the way is half as long (not in l0).
    Halves until the margin is known on both sides, then takes it for linear between them.
    """
    track.play(track.size.isfinite().nonzero()[:, 0])
    goal, x, far = goal[track.open], track.x[track.open], track.best[track.open]
    low, high = torch.zeros(len(x), device=x.device), torch.ones(len(x), device=x.device)
    near, beyond = torch.full_like(low, float("inf")), track.margin[track.open]  # the margins at both ends
    for _ in range(looks if len(x) else 0):
        ask()
        share = (near / (near - beyond)).nan_to_num(0.5)
        t = low + (high - low) * (share + BEYOND * (1 - share))
        x_t = x + wide(t, x) * (far - x)
        logits = model(x_t)
        track.see(x_t, logits)
        margin = ahead(goal, logits)
        crossed = margin < 0
        low, near = torch.where(crossed, low, t), torch.where(crossed, near, margin)
        high, beyond = torch.where(crossed, t, high), torch.where(crossed, margin, beyond)
