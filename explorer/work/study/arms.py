"""A study's models by the way they were trained, with what their cards say of them."""

import math
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import numpy as np

from explorer.core.errors import UserError
from explorer.core.registry import unknown
from explorer.core.results import Arm
from explorer.models.zoo import card, studied
from explorer.work.study.measure import Figures, threat_of

MEASURED = ("loss", "clean_loss", "slope", "eigenvalue", "turn", "again")


def arms(study: str, measured: Mapping[str, Figures] | None = None) -> tuple[Arm, ...]:
    """Return the arms of a study, by data set (small pictures first), budget, way and learning rate.

    measured : the figures of its models by name, of which alone it then is; by default of all, those of the cards

    Figures are those of `measure.figures`, and "clean" and "robust", accuracies on the whole test set by the card.
    Raises `UserError` for a study of which there is no model, or of which a card has no figures yet.
    """
    names = studied(study) if measured is None else [*measured]
    if not names:
        raise unknown("study", study, sorted({card(name)["study"] for name in studied() if "landscape" in card(name)}))
    found: Mapping[str, Any] = {name: card(name).get("landscape") for name in names} if measured is None else measured
    if without := [name for name in names if not found[name]]:
        raise UserError(f"Not measured yet: {', '.join(without)}. `explorer study {study} --record` does it.")
    groups = groupby(sorted(names, key=_order), key=lambda name: _order(name)[:-1])
    return tuple(_arm(tuple(group), found) for _, group in groups)


def way_of(name: str) -> str:
    """Return in a word how a model's budget went: "none", "constant", "warm-up" or "PAS"."""
    found = card(name)
    if found["recipe"] == "pgd":
        return "warm-up" if found["knobs"]["warmup"] else "constant"
    return {"standard": "none", "pas": "PAS"}[found["recipe"]]


def _order(name: str) -> tuple[int, str, float, str, float, int]:
    known = card(name)
    size = math.prod(known["shape"])
    return size, known["data"], threat_of(known).eps, way_of(name), known["plan"]["rate"], known["seed"]


def _arm(names: tuple[str, ...], found: Mapping[str, Figures]) -> Arm:
    _, data, eps, way, rate, _ = _order(names[0])
    rates = {name: card(name)["measured"] for name in names}
    attack = next(key for key in rates[names[0]] if key.startswith("pgd"))
    values = {key: [found[name][key] for name in names] for key in MEASURED}
    values["clean"] = [rates[name]["clean"]["hits"] / rates[name]["clean"]["n"] for name in names]
    values["robust"] = [rates[name][attack]["hits"] / rates[name][attack]["n"] if eps else None for name in names]
    return Arm(way, eps, names, {key: np.array(some, np.float64) for key, some in values.items()}, data, rate)
