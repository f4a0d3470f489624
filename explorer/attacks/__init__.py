"""Attacks: one file each, a plain function that proposes; `run.py` judges.

Signature: `(model, x, goal, threat, *, knobs..., rng, tick, track, crowd) -> x_adv`, the last four only
where the attack uses them.
"""

from collections.abc import Callable
from typing import Literal

from explorer.core.norms import Norm
from explorer.core.registry import F, Registry

ATTACKS = Registry("explorer.attacks", "attack")
Knows = Literal["gradients", "scores", "decisions", "nothing"]
Bound = Literal["budget", "smallest", "own"]


def attack(
    title: str,
    *,
    norms: tuple[Norm, ...],
    knows: Knows,
    paper: str = "",
    bound: Bound = "budget",
    pictures_only: bool = False,
    on_points: str = "",
) -> Callable[[F], F]:
    """Return the decorator that registers an attack under its function's name.

    norms : those it serves
    knows : what the attacker sees of the model
    paper : "arXiv:..." or another name that leads to it
    bound : "budget": the strongest change inside the budget; "smallest": the shortest change that
        reaches the goal, however long (the budget's eps is not looked at); "own": its knobs are its limits
    pictures_only : it needs rows and columns, and so cannot serve points of the plane
    on_points : what it does without on these, in a sentence
    """
    facts = {"norms": norms, "knows": knows, "bound": bound, "pictures_only": pictures_only, "on_points": on_points}
    return ATTACKS.register(title, paper=paper, **facts)


def left_out(name: str, shape: tuple[int, ...]) -> str:
    """Return what an attack does without on images of this shape, without N, in a sentence; "" where it is whole."""
    return "" if len(shape) == 3 else str(ATTACKS[name].facts["on_points"])
