"""HopSkipJump: along the decision boundary towards the picture, by the model's answers alone."""

import math
from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._rows import wide
from explorer.attacks._track import Track
from explorer.core.device import in_batches, normal, uniform
from explorer.core.goals import Goal
from explorer.core.knobs import Whole
from explorer.core.norms import ORDER, Norm, length, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

PROBES = 100  # points that the first round asks about
HALVINGS = 15  # of a step that does not end beyond the boundary
FEW, MANY = 64, 1024  # pictures of noise to start from, at first, and where neither they nor the crowd will do
AT_ONCE = 1024  # pictures in one pass of the model
BEYOND = 1e-3  # what is shown lies so much further out than the boundary, lest rounding puts it back


@attack("HopSkipJump", norms=("l2", "linf"), paper="arXiv:1904.02144", knows="decisions", bound="smallest")
def hopskipjump(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    queries: Annotated[int, Whole(50, 50000, "how often the model is asked about a picture")] = 3000,
    rng: Generator,
    crowd: Tensor,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Search the shortest change by asking which class the model names, and nothing else.

    From a picture that reaches the goal a binary search leads towards x as far as the boundary. Then in
    rounds: the answers at 100·sqrt(t) random points close by tell the boundary's normal (eq. 9 and 16); a
    step along it, in linf along its sign, is halved until it ends beyond the boundary; a binary search leads back
    to it (algorithm 2). The start is the nearest that reaches the goal of 64 pictures of noise, or where
    none does of the crowd (targeted: of the crowd at once), or of 1024 of noise. About those the model is asked
    once for all x, beyond `queries`.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]; the rounds of all N run together
    crowd : (M, ...) other pictures
    track : is shown the start and the end of each round

    Returns
    -------
    (N, ...): the nearest that were found; x where there was no start.

    References
    ----------
    Chen et al. 2020, arXiv:1904.02144.
    """
    track = track or Track(x, goal, threat.norm, smallest=True)
    ask, norm, d = _Oracle(model, queries, tick), threat.norm, x[0].numel()
    theta = min(d**-1.5 if norm == "l2" else d**-2.0, 1e-3)  # how exactly the boundary is found
    x_t, found = _start(ask, x, goal, norm, crowd, rng)
    track.leave(~found)
    x_0, x_t, goal = x[found], x_t[found], goal[found]
    if not len(x_0):
        return track.best
    track.see(x_t, ask(x_t))
    if norm == "linf":
        x_t = _to_the_boundary(ask, x_0, x_t, goal, "l2", 1e-3)
    radius, t = torch.full_like(length(x_0, norm), 0.1), 1
    while True:
        x_t = _to_the_boundary(ask, x_0, x_t, goal, norm, theta)
        shown = (x_0 + (1 + BEYOND) * (x_t - x_0)).clamp(0, 1)
        track.see(shown, ask(shown))
        if ask.left <= 0:
            return track.best
        probes = min(int(PROBES * math.sqrt(t)), ask.left)
        ahead = steepest(_normal(ask, x_t, goal, radius, probes, norm, rng), norm)
        x_t = _step(ask, x_t, ahead, length(x_t - x_0, norm) / math.sqrt(t), goal)
        radius, t = theta * (math.sqrt(d) if norm == "l2" else d) * length(x_t - x_0, norm), t + 1


class _Oracle:
    """The model, asked about all pictures together; `left` of the queries, beside one for the last picture shown."""

    def __init__(self, model: nn.Module, queries: int, tick: Tick) -> None:
        self.model, self.queries, self.tick, self.left = model, queries, tick, queries - 1

    def __call__(self, x_t: Tensor, each: int = 1) -> Tensor:
        """Return the logits, having asked `each` times about each picture."""
        self.tick(self.queries - 1 - max(self.left, 0), self.queries)
        self.left -= each
        logits: Tensor = self.model(x_t)
        return logits


def _start(ask: _Oracle, x: Tensor, goal: Goal, norm: Norm, crowd: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """Return the nearest picture on offer that reaches the goal, (N, ...), and for whom there is one, (N,) bool."""
    noise = uniform((MANY, *x.shape[1:]), rng, x.device)
    x_t, found = x.clone(), torch.zeros(len(x), dtype=torch.bool, device=x.device)
    for pool in (crowd, noise) if goal.targeted else (noise[:FEW], crowd, noise):
        if found.all():
            break
        logits = torch.cat(in_batches(len(pool), AT_ONCE, lambda rows, pool=pool: ask(pool[rows], 0)))  # type: ignore[misc]
        reached = (logits.argmax(1) == goal.labels[:, None]) == goal.targeted  # (N, M)
        away = torch.cdist(x.flatten(1), pool.flatten(1), p=ORDER[norm]).where(reached, torch.inf)
        new = reached.any(1) & ~found
        x_t[new], found = pool[away.argmin(1)[new]], found | new
    return x_t, found


def _to_the_boundary(ask: _Oracle, x_0: Tensor, x_1: Tensor, goal: Goal, norm: Norm, theta: float) -> Tensor:
    """Return the points between x_0 and x_1, which reach the goal, that just do; in linf x_1 cut to a box around x_0.

    theta : how exactly, as a share of the distance
    """
    whole = torch.ones_like(length(x_0, norm)) if norm == "l2" else length(x_1 - x_0, norm)
    low, high = torch.zeros_like(whole), whole

    def between(part: Tensor) -> Tensor:
        share = wide(part, x_0)
        return x_0 + share * (x_1 - x_0) if norm == "l2" else x_1.clamp(x_0 - share, x_0 + share)

    for _ in range(math.ceil(-math.log2(theta))):
        if ask.left <= 0:
            break
        middle = (low + high) / 2
        reached = goal.reached(ask(between(middle)))
        low, high = torch.where(reached, low, middle), torch.where(reached, middle, high)
    return torch.where(wide(high < whole, x_0), between(high), x_1)


def _normal(ask: _Oracle, x_t: Tensor, goal: Goal, radius: Tensor, probes: int, norm: Norm, rng: Generator) -> Tensor:
    """Return the direction (N, ...) in which random points at `radius` (N,) reach the goal more often (eq. 16)."""
    radius = wide(radius, x_t[:, None])
    votes, drift, total = torch.zeros_like(radius[:, 0]), torch.zeros_like(x_t), torch.zeros_like(x_t)
    some = max(1, AT_ONCE // len(x_t))
    for first in range(0, probes, some):
        count = min(some, probes - first)
        shape = (len(x_t), count, *x_t.shape[1:])
        v = normal(shape, rng, x_t.device) if norm == "l2" else 2 * uniform(shape, rng, x_t.device) - 1
        v = v / torch.linalg.vector_norm(v, dim=tuple(range(2, v.ndim)), keepdim=True)
        around = (x_t[:, None] + radius * v).clamp(0, 1)
        wanted = Goal(goal.labels.repeat_interleave(count), goal.targeted)
        answer = wanted.reached(ask(around.flatten(0, 1), count)).view(len(x_t), count, *[1] * (x_t.ndim - 1))
        vote, moved = 2 * answer.to(x_t.dtype) - 1, (around - x_t[:, None]) / radius
        votes, drift, total = votes + vote.sum(1), drift + moved.sum(1), total + (vote * moved).sum(1)
    return torch.where(votes.abs() == probes, total, total - votes / probes * drift)


def _step(ask: _Oracle, x_t: Tensor, ahead: Tensor, size: Tensor, goal: Goal) -> Tensor:
    """Return x_t + size·ahead, the size (N,) halved until that reaches the goal; x_t where it never does."""
    x_new, play = x_t.clone(), torch.arange(len(x_t), device=x_t.device)
    size = wide(size, x_t)
    for halving in range(HALVINGS):
        if ask.left <= 0 or not len(play):
            break
        tried = (x_t[play] + size[play] / 2**halving * ahead[play]).clamp(0, 1)
        reached = goal[play].reached(ask(tried))
        x_new[play[reached]], play = tried[reached], play[~reached]
    return x_new
