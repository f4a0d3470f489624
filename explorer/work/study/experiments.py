"""The studies that are made of trainings: what each measures, its figures, its claims."""

import math
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.registry import unknown
from explorer.core.results import Array, Experiment, Trials
from explorer.core.stats import Mean
from explorer.data import DATA
from explorer.work.study import hard, overfitting, path_norm, recipes, slow, sparse
from explorer.work.study.records import Record, plans, record, trained, zoo_name

STUDIES: dict[str, ModuleType] = {
    "slow": slow,
    "hard": hard,
    "overfitting": overfitting,
    "path_norm": path_norm,
    "sparse": sparse,
    "recipes": recipes,
}
"""By name: each has `UNITS`, what its figures are; `look`, what is measured of a model when its training is over (see
`training.make`); `figures(record)`, the numbers of one training; `claims(trials by name)`; and `PAIR`, two of its
models whose weights are in the zoo, to be looked at as A and B. One with `trials()` is made of models of the zoo, and
has neither records nor `look` and `figures`."""
COMPARED = ("history", "measured", "looked")  # of two records: the rest is not what a training comes to


def experiment(study: str, made: Mapping[tuple[str, int], Record] | None = None) -> Experiment:
    """Return a study by its records.

    made : what has been recorded of each kind and seed; by default what is committed. A seed that not every kind on the
        same data set has is left out.

    Raises `UserError` for a study that is none, and for one of which less than two seeds of each kind are recorded.
    """
    if study not in STUDIES:
        raise unknown("study", study, STUDIES, "of trainings")
    module = STUDIES[study]
    if not is_recorded(study):
        trials = module.trials()
        return _judged(study, trials, f"explorer train NAME, such as {module.PAIR[0]}")
    found, known = recorded(study) if made is None else made, plans(study)
    on = {name: settings[0]["data"] for name, settings in known.items()}
    seeds = {
        data: sorted(
            set.intersection(*({seed for kind, seed in found if kind == name} for name in on if on[name] == data))
        )
        for data in on.values()
    }
    if min(map(len, seeds.values())) < 2:
        raise UserError(f"Not recorded yet: `explorer study {study} --record` does it.")
    trials = tuple(_trials(study, name, seeds[on[name]], found) for name in known)
    return _judged(study, trials, f"explorer study {study} --train")


def _judged(study: str, trials: tuple[Trials, ...], again: str) -> Experiment:
    module = STUDIES[study]
    return Experiment(study, trials, module.claims({one.name: one for one in trials}), module.UNITS, again)


def is_recorded(study: str) -> bool:
    """Return whether a study has plans and records of its own, and is not made of models of the zoo."""
    return not hasattr(STUDIES[study], "trials")


def recorded(study: str) -> dict[tuple[str, int], Record]:
    """Return the records that are committed, by kind and seed; those of plans that have changed are none."""
    every = ((name, seed) for name, seeds in plans(study).items() for seed in seeds)
    return {(name, seed): found for name, seed in every if (found := record(study, name, seed)) is not None}


def again(study: str, name: str, seed: int, tick: Tick = silent, *, keep: bool = False) -> Record:
    """Train one of a study's models anew, and return its record.

    keep : put its network into the zoo where it is one of the study's pair
    """
    kept = keep and zoo_name(study, name, seed) in STUDIES[study].PAIR
    return trained(study, name, seed, STUDIES[study].look, tick, keep=kept)


def differs(one: Record, other: Record) -> dict[str, float]:
    """Return by how much two records of one training differ at most in each figure that the first has.

    Figures are called by their place in the record: "history.loss", "measured.pgd20", "looked.zeros". A difference is a
    share of the figure's largest size, of 1 where that is smaller, so that a length of thousands does not hide a share;
    infinite for a figure that the other has not. Not in the time it took ("cpu"), which no two trainings share.
    """
    first, second = (dict(_numbers({key: each[key] for key in COMPARED})) for each in (one, other))
    return {key: _apart(values, second.get(key)) for key, values in first.items() if key != "history.cpu"}


def within(found: Experiment, known: Experiment) -> tuple[int, int]:
    """Return how many means over seeds lie within the 95 % intervals of the same figures in `known`, and of how many.

    Not the time it took, and not a figure that a kind of training does not have. On another kind of processor roundings
    differ and grow in training: single figures are then others, and so much is to be expected of their means.
    """
    hits = [
        low <= Mean.of(values).value <= high
        for one in found.trials
        for key, values in one.figures.items()
        if key != "cpu" and not np.isnan(values).any()
        for low, high in [Mean.of(known.of(one.name).figures[key]).interval]
    ]
    return sum(hits), len(hits)


def _numbers(value: Any, place: str = "") -> Iterator[tuple[str, Array]]:
    """Yield all figures of a part of a record, each with its place; rates as shares."""
    if not isinstance(value, Mapping):
        yield place, np.array(value, np.float64)
    elif "hits" in value:
        yield place, np.array(value["hits"] / value["n"])
    else:
        for key, one in value.items():
            yield from _numbers(one, f"{place}.{key}".lstrip("."))


def _apart(one: Array, other: Array | None) -> float:
    if other is None or one.shape != other.shape:
        return math.inf
    return float(np.abs(one - other).max(initial=0) / np.abs(one).max(initial=1))


def _trials(study: str, name: str, seeds: list[int], found: Mapping[tuple[str, int], Record]) -> Trials:
    some = [found[name, seed] for seed in seeds]
    settings, figures = plans(study)[name][seeds[0]], [STUDIES[study].figures(one) for one in some]
    shared = {key: value for key, value in settings.items() if key != "seed"}
    return Trials(
        name=name,
        title=settings["title"],
        settings=shared | {"unit": DATA[settings["data"]].facts["unit"]},  # of which eps is a count
        seeds=tuple(seeds),
        history={key: np.array([one["history"][key] for one in some], np.float64) for key in some[0]["history"]},
        figures={key: np.array([one[key] for one in figures], np.float64) for key in figures[0]},
        seconds=np.array([one["seconds"] for one in some], np.float64),
        looked=tuple(_arrays(one["looked"]) for one in some),
    )


def _arrays(value: Any) -> Any:
    """Return what a record tells with arrays for its lists: a result can hold these."""
    if isinstance(value, Mapping):
        return {key: _arrays(one) for key, one in value.items()}
    return np.array(value, np.float64) if isinstance(value, list) else value
