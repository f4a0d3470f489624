"""One model's half of an AttackView, read off once for pictures, words and tables. Arithmetic only."""

from dataclasses import dataclass

import numpy as np

from explorer.core.results import Array, AttackResult, AttackView, up_to
from explorer.figures.setting import Setting


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """What one instant of an attack shows: the picture, logits and probabilities (K,), margin, distance."""

    x: Array
    logits: Array
    p: Array
    margin: float
    distance: float


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """What one model says of the clean picture, of every iterate, and of the picture under attack.

    goal, targeted : the class that the attack wants, or shuns; label : the true class, -1 if unknown
    clean, end : before the attack, and the judged outcome; path : every iterate, () if none was kept
    kept : the iterates whose picture is known; any other has that of the one before it
    fell : the first iterate at which the goal is reached, None if there is none, or was no need of one
    best : the iterate that is the outcome, None if it is none of them
    reached : the judge's word on whether the goal is reached at the end
    bound : "budget", "smallest" or "own": what the attack keeps to
    within : whether the outcome is no longer than the budget
    """

    name: str
    letter: str
    goal: int
    targeted: bool
    label: int
    clean: Moment
    end: Moment
    path: tuple[Moment, ...]
    kept: tuple[int, ...]
    fell: int | None
    best: int | None
    reached: bool
    bound: str
    within: bool

    def at(self, step: int | None) -> Moment:
        """Return the moment of a step, the last one for steps beyond the path; None: the outcome."""
        return self.end if step is None or not self.path else self.path[min(step, len(self.path) - 1)]

    def reached_at(self, moment: Moment) -> bool:
        """Return whether the answer at a moment is what the attack wants."""
        return (int(moment.p.argmax()) == self.goal) == self.targeted

    @property
    def spoiled(self) -> bool:
        """Whether the goal was reached before the attack began."""
        return self.reached_at(self.clean)

    @property
    def lost(self) -> bool:
        """Whether the goal is reached, by a search for the smallest change within the budget."""
        return self.reached and (self.bound != "smallest" or self.within)

    @property
    def thing(self) -> str:
        """What is under attack."""
        return "point" if self.clean.x.ndim == 1 else "picture"


def softmax(logits: Array) -> Array:
    """Return probabilities, in float64."""
    shifted = np.exp(np.asarray(logits, np.float64) - logits.max(-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(-1, keepdims=True))


def margin(logits: Array, goal: int, targeted: bool) -> float:
    """Return how far an attack is from its goal (K,) -> float; negative once it is reached."""
    distance = float(logits[goal]) - float(np.delete(logits, goal).max())
    return -distance if targeted else distance


def sides(view: AttackView, setting: Setting, transfer: bool = False) -> tuple[Side, Side]:
    """Return model A's half and model B's.

    transfer : the outcome is the picture made on the other model; nothing is known of the way to it.
    """
    name_a, name_b = setting.names
    if transfer:
        return (
            _moved(name_a, "A", view.a, view.b, view.transfer_a, view.label, setting),
            _moved(name_b, "B", view.b, view.a, view.transfer_b, view.label, setting),
        )
    return (
        _own(name_a, "A", view.a, view.label, setting),
        _own(name_b, "B", view.b, view.label, setting),
    )


def _own(name: str, letter: str, found: AttackResult, label: int, setting: Setting) -> Side:
    goal, targeted = int(found.labels[0]), found.targeted
    path: tuple[Moment, ...] = ()
    kept: tuple[int, ...] = ()
    if found.path:
        logits, kept = found.path["logits"][:, 0], tuple(found.path["kept"].tolist())
        xs = found.path["x"][np.searchsorted(kept, range(len(logits)), side="right") - 1, 0]
        pairs = zip(xs, logits, found.path["distance"][:, 0], strict=True)
        path = tuple(_moment(x, z, goal, targeted, float(d)) for x, z, d in pairs)
    clean = _moment(found.x[0], found.logits[0], goal, targeted, 0.0)
    spoiled = (int(clean.p.argmax()) == goal) == targeted
    end = _moment(found.x_adv[0], found.logits_adv[0], goal, targeted, float(found.distance[setting.norm][0]))
    reached = bool(found.success[0])
    hits = [i for i, moment in enumerate(path) if (int(moment.p.argmax()) == goal) == targeted]
    same = [i for i in kept if np.abs(path[i].x - end.x).max() < 1e-6]
    return Side(
        name=name,
        letter=letter,
        goal=goal,
        targeted=targeted,
        label=label,
        clean=clean,
        end=end,
        path=path,
        kept=kept,
        fell=hits[0] if hits and reached and not spoiled else None,
        best=same[0] if same else None,
        reached=reached,
        bound=found.bound,
        within=_within(end, setting),
    )


def _moved(
    name: str, letter: str, own: AttackResult, other: AttackResult, logits: Array, label: int, setting: Setting
) -> Side:
    goal, targeted = int(own.labels[0]), own.targeted
    end = _moment(other.x_adv[0], logits, goal, targeted, float(other.distance[setting.norm][0]))
    return Side(
        name=name,
        letter=letter,
        goal=goal,
        targeted=targeted,
        label=label,
        clean=_moment(own.x[0], own.logits[0], goal, targeted, 0.0),
        end=end,
        path=(),
        kept=(),
        fell=None,
        best=None,
        reached=(int(logits.argmax()) == goal) == targeted,
        bound=own.bound,
        within=_within(end, setting),
    )


def _within(end: Moment, setting: Setting) -> bool:
    return end.distance <= up_to(setting.budget)


def _moment(x: Array, logits: Array, goal: int, targeted: bool, distance: float) -> Moment:
    return Moment(x, logits, softmax(logits), margin(logits, goal, targeted), distance)
