"""How far it is from pictures to the decision boundary along given directions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.attacks._rows import wide
from explorer.core.device import in_batches
from explorer.core.errors import UserError
from explorer.core.norms import length
from explorer.core.progress import Tick, silent
from explorer.core.results import Distances
from explorer.models.prepare import prepare

NEAREST = 1e-3  # of the reach: the first look
FURTHER = 1.35  # each look for a crossing is so many times as far as the last
LOOSE = 1e-3  # of its length: how far outside of the box a crossing is not yet told to be
HALVINGS = 10  # of the stretch in which the crossing lies, a quarter of its distance at most
BATCH, PICTURES = 512, 16  # at once on a CPU: points, and pictures whose directions are made
TOGETHER = 256  # points that are asked for at once though some may prove needless

Ways = Callable[[nn.Module, Tensor, slice], Tensor]


def distances(
    model: nn.Module,
    x: Tensor,
    ways: Ways,
    kind: str,
    *,
    reach: float,
    nearest: Tensor | None = None,
    lines: bool = False,
    tick: Tick = silent,
) -> Distances:
    """Return how far pictures x (N, ...) are from where the model's answer first changes along their directions.

    On each way the model is asked at distances that grow geometrically up to `reach`; between the last with the
    picture's class and the first with another, the crossing is found by halving, to 3e-4 of its distance. What lies
    between two looks with the picture's class is not seen: a class that is entered and left there is passed over,
    and its crossing, if any, comes later. The box [0, 1] is no wall; crossings outside of it, by more than a thousandth
    of their way, are told.

    ways : (model, pictures, which of all they are) -> (n, M, ...) unit vectors in l2: see
        `explorer.geometry.directions`; the model given is a prepared copy
    kind : what to call them
    reach : how far to look, in l2
    nearest : (N,) how far the first look is, such as the shortest change that is known: a class that is entered and
        left nearer is not to be expected; by default, and where it is beyond the reach, a thousandth of the reach
    lines : look both ways and take the nearer crossing, as of a random line (Fawzi et al. 2016)

    Raises `UserError` for a reach that is not positive.
    """
    if not 0 < reach < float("inf"):
        raise UserError(f"reach = {reach} is not a positive length.")
    fast, device = prepare(model), next(model.parameters()).device
    x = x.to(device)
    size = BATCH if device.type == "cpu" else 16 * BATCH
    begin = torch.full((len(x),), reach * NEAREST) if nearest is None else nearest.float().cpu()
    begin = begin.where((begin > 0) & (begin <= reach), reach * NEAREST).to(device)

    def answers(points: Tensor) -> Tensor:
        with torch.no_grad():
            return torch.cat(in_batches(len(points), size, lambda rows: fast(points[rows]).argmax(1)))

    def work(rows: slice) -> tuple[Tensor, ...]:
        tick(rows.start, len(x))
        some = x[rows]
        labels, way = answers(some), ways(fast, some, rows)
        count = way.shape[1]
        both = torch.cat([way, -way], dim=1) if lines else way
        start = some[:, None].expand_as(both).flatten(0, 1)
        each = both.shape[1]
        t, beyond = _first(
            answers,
            start,
            both.flatten(0, 1),
            labels.repeat_interleave(each),
            begin[rows].repeat_interleave(each),
            reach,
            (len(some), 1 + lines, count),
        )
        side = t.argmin(1, keepdim=True)
        t, beyond = t.gather(1, side)[:, 0], beyond.gather(1, side)[:, 0]
        way = (way * (1 - 2 * side[:, 0]).view(*t.shape, *[1] * (x.ndim - 1))).flatten(0, 1)
        far = some.repeat_interleave(count, 0) + wide(t.flatten().nan_to_num(posinf=0.0), way) * way
        linf = torch.where(t.isfinite(), t * length(way, "linf").view_as(t), t)
        edge = wide(LOOSE * linf.flatten().nan_to_num(posinf=0.0), far)  # an attack's end may lie on the box
        outside = ((far < -edge) | (far > 1 + edge)).flatten(1).any(1).view_as(t)
        return t, linf, beyond, outside, labels

    found = in_batches(len(x), PICTURES, work)
    l2, linf, reached, outside, labels = (torch.cat(parts).cpu().numpy() for parts in zip(*found, strict=True))
    return Distances(kind, l2, linf, reached, outside, labels, reach, x[0].numel())


def _first(
    answers: Callable[[Tensor], Tensor],
    x: Tensor,
    way: Tensor,
    labels: Tensor,
    begin: Tensor,
    reach: float,
    shape: tuple[int, int, int],
) -> tuple[Tensor, Tensor]:
    """Return how far the first crossings are, inf where there is none, and the classes beyond, or -1, as (n, S, M).

    The P = n·S·M ways x, way (P, ...) are those of n pictures, S sides of M lines each: a line is left as soon as
    one of its sides has crossed, as the other's crossing is further.
    """
    low, high = torch.zeros(len(x), device=x.device), torch.full((len(x),), float("inf"), device=x.device)
    beyond = torch.full_like(labels, -1)
    left = way.flatten(1).any(1).nonzero()[:, 0]

    def ask(rows: Tensor, t: Tensor) -> Tensor:
        """Return what is said at the distances t of some ways."""
        return answers(x[rows] + wide(t, x) * way[rows])

    def note(rows: Tensor, t: Tensor, said: Tensor) -> None:
        crossed = said != labels[rows]
        low[rows], high[rows] = torch.where(crossed, low[rows], t), torch.where(crossed, t, high[rows])
        beyond[rows] = torch.where(crossed, said, beyond[rows])

    times = [begin]
    while (times[-1] < reach).any():
        times.append((FURTHER * times[-1]).clamp_max(reach))
    said = labels.expand(len(times), -1).clone()
    if few := 0 < len(times) * len(left) <= TOGETHER:  # all looks in one go take less time than one after the other
        said[:, left] = ask(left.repeat(len(times)), torch.cat([t[left] for t in times])).view(len(times), -1)
    for i, t in enumerate(times):
        if not len(left):
            break
        note(left, t[left], said[i, left] if few else ask(left, t[left]))
        over = high.isfinite().view(shape).any(1, keepdim=True).expand(shape).flatten()
        left = left[~over[left] & (t[left] < reach)]
    between = high.isfinite().nonzero()[:, 0]
    for _ in range(HALVINGS if len(between) else 0):
        middle = (low[between] + high[between]) / 2
        note(between, middle, ask(between, middle))
    return high.view(shape), beyond.view(shape)
