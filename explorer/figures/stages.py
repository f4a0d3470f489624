"""Attacks in stages: which of them broke what, and what each cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.core.results import Array
from explorer.core.words import amount
from explorer.figures.sides import Side

Row = dict[str, Any]
INTRO = "Stage by stage, each on what still stood, at the budgets up to the chosen one:"
HEAD = ("Stage", "Pictures it broke", "Passes a picture", "Seconds")


def rows(stages: Mapping[str, Array], n: int) -> list[Row]:
    """Return a row for each stage: "stage", "broke" (pictures that stood before it), "passes" (images), "seconds".

    n : the pictures of the evaluation, for "each": the passes shared by all of them, so that the stages' add up
    """
    return [
        {"stage": name, "broke": int(broke), "passes": int(images), "each": images / n, "seconds": float(seconds)}
        for name, (broke, images, seconds) in stages.items()
    ]


def cells(stages: Mapping[str, Array], n: int) -> list[list[str]]:
    """Return the same as texts, below `HEAD`."""
    return [
        [row["stage"], f"{row['broke']:,}", f"{row['each']:,.0f}", f"{row['seconds']:.1f}"] for row in rows(stages, n)
    ]


def by_stage(stages: Mapping[str, Array], side: Side) -> str:
    """Return one sentence: which stage reached the goal on one picture; "" without stages, or need of any.

    Nothing is said either where the judge differs from the attack, which may happen to a margin of 0 up to rounding.
    """
    found = rows(stages, 1)
    hit = next((i for i, row in enumerate(found) if row["broke"]), None)
    if not found or side.spoiled or side.reached != (hit is not None):
        return ""
    names = [row["stage"] for row in found]
    passes = sum(row["passes"] for row in found)  # none by a stage that was not needed
    if hit is None:
        failed = "reach the goal" if side.targeted else "break it"
        return f"{_listed(names)} did not {failed} in {_passes(passes)}."
    done = "reached the goal" if side.targeted else "broke it"
    before = f", where {_listed(names[:hit])} had failed" if hit else ""
    after = names[hit + 1 :]
    spared = f"; {_listed(after)} {'was' if len(after) == 1 else 'were'} not needed" if after else ""
    return f"{names[hit]} {done} with {_passes(passes)}{before}{spared}."


def _passes(count: int) -> str:
    return amount(count, "forward pass", "forward passes")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
