"""The exact answer for tiny networks, by a mixed-integer programme."""

import time
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor

from explorer.attacks.run import run_attack
from explorer.certificates import certificate
from explorer.certificates._intervals import intervals, within
from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._programme import Programme, nearest, programme
from explorer.certificates._relax import adaptive
from explorer.certificates._trace import traced
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.device import whole_float32
from explorer.core.errors import UserError
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Whole
from explorer.core.norms import ORDER, length, steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import Exact
from explorer.core.types import Threat

OPEN = 500  # ReLUs that a programme may have to decide on
HARD = 64  # open ReLUs, from which on smaller balls are ruled out first
STAGES = (0.5, 0.75, 0.9, 1.0)  # of the radius
SHRINKS = 0.99  # a counterexample so much nearer is worth bounds anew
PUSHES = (0.0, 1e-6, 1e-5, 1e-4, 3e-4)  # beyond the boundary, in shares of the way to it, to where float32 sees it
Seconds = Annotated[int, Whole(1, 3600, "seconds for one picture, after which it stays undecided")]


@certificate("Exact answer", norms=("linf", "l1"), gives="radius", says="exact", paper="arXiv:1711.07356")
def exact(net: Network, ball: Ball, labels: Tensor, *, seconds: Seconds = 60, tick: Tick = silent) -> Tensor:
    """Solve for the nearest picture of another class, with a switch for each ReLU that may be on or off.

    For tiny networks: the time doubles with every few open ReLUs. Where it runs out, what the solver has proved by
    then is the radius: it can then depend on the machine.

    Raises `UserError` where more than 500 ReLUs are open, and for a network with maxima.

    Returns
    -------
    (N,): the distances, at most the ball's radius, rounded down; where time ran out, what is proved of them.

    References
    ----------
    Tjeng, Xiao & Tedrake 2019, arXiv:1711.07356, sec. 4.
    """
    found = distances(net, ball, labels, seconds=seconds, tick=tick)
    low = torch.tensor(found.low, device=ball.eps.device)
    near = low.to(ball.eps.dtype)
    return torch.where(near > low, torch.nextafter(near, torch.zeros_like(near)), near)


@whole_float32()
def distances(net: Network, ball: Ball, labels: Tensor, *, seconds: float = 60, tick: Tick = silent) -> Exact:
    """Return how far the nearest picture with another class is, in linf or l1, inside the ball and the box.

    An attack goes first: where it breaks a picture, the programme looks no further than that, and the nearer, the
    fewer ReLUs are open. Then one programme for each class that CROWN cannot rule out, those nearest by it first; each
    counterexample, tried on the model, makes the ball smaller for the next. Where many ReLUs are open, smaller balls,
    which have fewer, are ruled out before.

    seconds : for each picture
    """
    goal = Goal(labels)
    attacked = run_attack("fmn", net.model, ball.x, goal, Threat(ball.norm, float(ball.eps.max())))
    found = []
    for i in range(len(labels)):
        tick(i, len(labels))
        one = ball[i : i + 1]
        broken = torch.tensor(attacked.x_adv[i : i + 1], device=ball.x.device)
        found.append(_Search(net, one, goal[i : i + 1], broken).run(seconds))
    low, high, x_adv, units, spent = zip(*found, strict=True)
    limit = ball.eps.double().cpu().numpy()
    pictures = np.concatenate([one.cpu().numpy() for one in x_adv])
    return Exact(ball.norm, limit, np.array(low), np.array(high), pictures, np.array(units), np.array(spent))


@dataclass(frozen=True, eq=False, slots=True)
class _Built:
    """The programme of a ball, and CROWN's lower bounds of the margins in it."""

    radius: float
    problem: Programme
    margins: list[float]

    @property
    def units(self) -> int:
        return len(self.problem.tops)


class _Search:
    """One picture: the nearest counterexample so far, and what no class is nearer than."""

    def __init__(self, net: Network, ball: Ball, goal: Goal, broken: Tensor) -> None:
        self.net, self.ball, self.goal = net, ball, goal
        self.high, self.x_adv, self.units = np.inf, ball.x, 0
        self.see(broken)

    @property
    def reach(self) -> float:
        """How far it is still to be looked."""
        return min(float(self.ball.eps), self.high)

    def run(self, seconds: float) -> tuple[float, float, Tensor, int, float]:
        """Return both sides, the counterexample, how many ReLUs were open at most, and the seconds that it took."""
        start = time.perf_counter()
        with torch.no_grad():
            logits = self.net.model(self.ball.x)
        if self.goal.reached(logits).all():
            return 0.0, 0.0, self.ball.x, 0, 0.0
        whole, until, low = self.reach, start + seconds, 0.0
        self.units = self.build(whole).units
        if self.units > OPEN:
            raise UserError(
                f"Within {whole:.3g}, {self.units:,} ReLUs may be on or off, and {OPEN} is the most that is decided "
                "exactly: choose a smaller model, a smaller radius, or another certificate."
            )
        for share in STAGES if self.units > HARD else (1.0,):
            radius = min(share * whole, self.reach)
            reached = self.within(radius, low, size=1 + float(logits.abs().max()), until=until)
            low = max(low, reached)
            if reached < radius or radius >= self.reach:
                break
        return min(low, self.reach), self.high, self.x_adv, self.units, time.perf_counter() - start

    def within(self, radius: float, floor: float, *, size: float, until: float) -> float:
        """Return what no other class is nearer than, at most a radius; nothing is known to be nearer than `floor`."""
        built, low, label = self.build(radius), radius, int(self.goal.labels)
        rivals = sorted((k for k in range(self.net.classes) if k != label), key=lambda k: built.margins[k])
        for i, rival in enumerate(rivals):
            reach = min(radius, self.reach)
            if reach < SHRINKS * built.radius:
                built = self.build(reach)
            if built.margins[rival] > 0:
                continue
            left = max(0.1, (until - time.perf_counter()) / (len(rivals) - i))
            problem, norm = built.problem, self.ball.norm
            answer = nearest(problem, label, rival, norm, reach, floor=floor, size=size, seconds=left)
            low = min(low, answer.low)
            if answer.x is not None:
                self.see(self.ball.x.new_tensor(answer.x).view_as(self.ball.x))
        return min(low, self.reach)

    def build(self, radius: float) -> _Built:
        """Return the programme of a ball around the picture."""
        eps = torch.nextafter(self.ball.eps.new_tensor([radius]), self.ball.eps.new_tensor([np.inf]))
        ball = Ball(self.ball.x, self.ball.norm, torch.minimum(eps, self.ball.eps), self.ball.box)
        with torch.no_grad():
            lines = by_rows(self.net, ball, adaptive)
            margins = lowest(ball, self.goal.labels, *planes(self.net, ball, self.goal.labels, lines))
            bounds = intervals(self.net, ball)
            for index in self.net.inner:
                bounds[index] = within(bounds[index], traced(self.net, ball, index, lines))
        return _Built(radius, programme(self.net, self.ball.x, ball.limits, bounds), margins[0].tolist())

    def see(self, x: Tensor) -> None:
        """Take a picture, pushed on a little if need be, for the counterexample if it is one and nearer."""
        ball, pushed = self.ball, [x]
        delta = x - ball.x
        step = steepest(ascent(self.net.model, x, self.goal)[1], ball.norm)
        for share in PUSHES[1:]:
            pushed.append((x + share * length(delta, ball.norm) * step).clamp(0, 1))
        tried = torch.cat(pushed)
        away = torch.linalg.vector_norm((tried.double() - ball.x.double()).flatten(1), ord=ORDER[ball.norm], dim=1)
        with torch.no_grad():
            reached = Goal(self.goal.labels.expand(len(tried))).reached(self.net.model(tried))
        away = torch.where(reached & (away <= ball.eps.double()), away, np.inf)
        nearest_one = int(away.argmin())
        if float(away[nearest_one]) < self.high:
            self.high, self.x_adv = float(away[nearest_one]), tried[nearest_one : nearest_one + 1]
