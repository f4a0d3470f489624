"""The run of Auto-PGD: a climb that keeps its highest point, and the rule of its steps in linf and l2."""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from explorer.attacks._rows import wide
from explorer.attacks._track import Track
from explorer.core.goals import Hill, ascent
from explorer.core.norms import project, steepest
from explorer.core.progress import Tick
from explorer.core.types import Threat

State = dict[str, Tensor]  # a row for each image in play
FRESH = 0.75  # the weight of the new step in linf and l2; the step before has the rest


class Slope(Hill, Protocol):
    """A hill that can be had of some of the images."""

    def __getitem__(self, rows: Tensor) -> Any:
        """Return the hill of those images."""


class Rule(Protocol):
    """How a climb steps, and how it learns from its steps."""

    def begin(self, s: State) -> None:
        """Add what the rule needs to the state, which has "x" and "x_t"."""

    def learn(self, s: State, i: int) -> None:
        """After step i, put back to their highest point the images that got nowhere, and adapt their steps."""

    def move(self, s: State, i: int) -> None:
        """Make step i, from 0, along "gradient"."""


def climb(
    model: nn.Module,
    hill: Slope,
    x: Tensor,
    start: Tensor,
    rule: Rule,
    steps: int,
    track: Track | None,
    tick: Tick,
) -> Tensor:
    """Return the highest points met from `start` (M, ...) on, in a budget around `x`, of those still in play.

    Asks the model steps + 1 times, the last time without a gradient.

    track : is shown every iterate and says who leaves; None: nobody does
    """
    s: State = {"x": x, "x_t": start, "best": start, "steepest": start}
    s["height"] = s["highest"] = x.new_full((len(x),), float("-inf"))
    rule.begin(s)
    for i in range(steps + 1):
        tick(i, steps + 1)
        if not len(s["x"]):
            break
        if i < steps:
            logits, s["gradient"] = ascent(model, s["x_t"], hill)
        else:
            logits = model(s["x_t"])
        if track is not None and not (stays := track.see(s["x_t"], logits)).all():
            s, hill, logits = {name: value[stays] for name, value in s.items()}, hill[stays], logits[stays]
        height = hill.height(logits)
        s["rose"], higher = height > s["height"], height > s["highest"]
        s["height"], s["highest"] = height, height.maximum(s["highest"])
        s["best"] = torch.where(wide(higher, x), s["x_t"], s["best"])
        if i < steps and len(height):
            s["steepest"] = torch.where(wide(higher, x), s["gradient"], s["steepest"])
            if i:
                rule.learn(s, i)
            rule.move(s, i)
    return s["best"]


class Momentum:
    """Croce & Hein 2020, arXiv:2003.01690, alg. 1: steps of length 2·eps with momentum, halved at checkpoints.

    Halved where fewer than `rho` of the steps since the last checkpoint went up (condition 1), or where
    none went above the best and the step was not halved then (condition 2).
    """

    def __init__(self, threat: Threat, steps: int, rho: float) -> None:
        self.threat, self.rho = threat, rho
        self.checks, self.last = checkpoints(steps), 0

    def begin(self, s: State) -> None:
        """Add the step's length, the iterate before, and what happened since the last checkpoint."""
        s["before"], s["checked"] = s["x_t"], s["highest"]
        s["step"] = s["x"].new_full((len(s["x"]),), 2 * self.threat.eps)
        s["rises"], s["halved"] = torch.zeros_like(s["step"]), torch.ones_like(s["step"], dtype=torch.bool)

    def learn(self, s: State, i: int) -> None:
        """Halve, at a checkpoint, the steps that get nowhere, and go back to the best point (eqs. 9 and 10)."""
        s["rises"] = s["rises"] + s["rose"]
        if i not in self.checks:
            return
        idle = (s["rises"] < self.rho * (i - self.last)) | (~s["halved"] & (s["highest"] <= s["checked"]))
        s["step"] = torch.where(idle, s["step"] / 2, s["step"])
        back_to_best(s, idle)
        s["halved"], s["checked"], s["rises"] = idle, s["highest"], torch.zeros_like(s["rises"])
        self.last = i

    def move(self, s: State, i: int) -> None:
        """Step along the steepest direction, and on along the step before (eqs. 7 and 8)."""
        x_t, weight = s["x_t"], FRESH if i else 1.0
        z = steepest(s["gradient"], self.threat.norm).mul_(wide(s["step"], x_t)).add_(x_t)
        z = self._into(s["x"], z).sub_(x_t).mul_(weight).add_(x_t)
        s["x_t"] = self._into(s["x"], z.add_(x_t, alpha=1 - weight).sub_(s["before"], alpha=1 - weight))
        s["before"] = x_t

    def _into(self, x: Tensor, z: Tensor) -> Tensor:
        """Return the points in budget and box; `z` is used up."""
        return project(z.sub_(x), self.threat.norm, self.threat.eps).add_(x).clamp_(0, 1)


def checkpoints(steps: int) -> set[int]:
    """Return after which steps a climb is looked at: the first 22 % of them, then ever fewer, down to 6 %."""
    found, at, period, least = set(), 0, max(int(0.22 * steps), 1), max(int(0.06 * steps), 1)
    while (at := at + period) <= steps:
        found.add(at)
        period = max(period - max(int(0.03 * steps), 1), least)
    return found


def back_to_best(s: State, rows: Tensor) -> None:
    """Put some of the images, (M,) bool, back to their highest point."""
    back = wide(rows, s["x_t"])
    s["x_t"] = torch.where(back, s["best"], s["x_t"])
    s["gradient"] = torch.where(back, s["steepest"], s["gradient"])
