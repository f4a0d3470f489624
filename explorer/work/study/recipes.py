"""Recipes beside each other: what each comes to under ever stronger attacks, by data set.

What is told of the papers are their abstracts: their figures are of larger networks, longer trainings and other data.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import nn

from explorer.attacks.run import run_attack
from explorer.core.arms import limited
from explorer.core.goals import Goal
from explorer.core.results import Claim, Trials
from explorer.core.stats import Mean
from explorer.core.types import Data, Threat
from explorer.training.loop import Trained
from explorer.work.study.overfitting import collapses
from explorer.work.study.telling import above, less, points, span

PAIR = ("digits-recipes-fgsm-0", "digits-recipes-trades-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "fgsm": "accuracy after one step (FGSM)",
    "pgd": "accuracy under PGD-20",
    "apgd": "accuracy under the Auto-PGD cascade",
    "cpu": "processor seconds of training",
}
PLAIN = "standard"  # the recipe without an attack
AS_GOOD = 0.02  # a difference within this many shares is none
OURS = {
    "digits": "Ours: 8×8 digits at 0.1, two convolutions, 24 epochs.",
    "mnist": "Ours: 4,000 pictures of MNIST at 0.3, two convolutions with batch norm, 8 epochs.",
}


def look(model: nn.Module, _trained: Trained, _train: Data, test: Data, threat: Threat, seed: int) -> dict[str, Any]:
    """Return what the records of this study have beside the history: accuracies on the test pictures that are measured.

    "fgsm": after one step of the whole budget; "apgd": under the quick cascade of Auto-PGD, 100 steps a run.
    """
    attacks = {"fgsm": "fgsm", "apgd": "apgd_cascade"}
    found = {key: run_attack(name, model, test.x, Goal(test.y), threat, seed=seed) for key, name in attacks.items()}
    return {key: float(result.correct.mean()) for key, result in found.items()}


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of one training, by the names in `UNITS`."""
    rates = record["measured"]
    found = {key: rates[name]["hits"] / rates[name]["n"] for key, name in (("clean", "clean"), ("pgd", "pgd20"))}
    return found | {key: record["looked"][key] for key in ("fgsm", "apgd")} | {"cpu": sum(record["history"]["cpu"])}


def claims(trials: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    every: list[Claim] = []
    for data in dict.fromkeys(one.settings["data"] for one in trials.values()):
        these = {one.settings["recipe"]: one for one in trials.values() if one.settings["data"] == data}
        attacked = [one for name, one in these.items() if name != PLAIN]
        every.append(_price(these["pgd"], these[PLAIN], data))
        every.append(_fast(these["fgsm_rs"], these["pgd"], data))
        every.append(_steady(these["trades"], these["pgd"], data))
        every.append(collapses(these["fgsm"], OURS[data], data))
        every.append(_more(attacked, data))
    return tuple(every)


def _price(pgd: Trials, plain: Trials, data: str) -> Claim:
    cost, gain = less(pgd, plain, "clean"), less(pgd, plain, "apgd")
    return Claim(
        "Robustness costs accuracy on clean pictures.",
        f"Tsipras et al. 2019 (arXiv:1805.12152), abstract: robustness may be at odds with accuracy. {OURS[data]}",
        f"PGD training less ordinary training: {points(cost)} on clean pictures, {points(gain)} under the cascade.",
        above(cost, -1),
        data,
    )


def _fast(fast: Trials, pgd: Trials, data: str) -> Claim:
    gain, times = less(fast, pgd, "apgd"), limited(fast.figures["cpu"] / pgd.figures["cpu"])
    low, high = gain.interval
    return Claim(
        "Training by one step from a random start is as good as PGD training.",
        "Wong et al. 2020 (arXiv:2001.03994), abstract: as effective as PGD-based training, at a much lower cost; 45% "
        f"under PGD on CIFAR-10 at 8/255. {OURS[data]}",
        f"One step less PGD training, under the cascade: {points(gain)}; a loss of {AS_GOOD:.0%} is taken for none. "
        f"It took {span(times)} times the processor time.",
        True if low > -AS_GOOD else False if high < -AS_GOOD else None,
        data,
    )


def _steady(trades: Trials, pgd: Trials, data: str) -> Claim:
    gain, cost = less(trades, pgd, "apgd"), less(trades, pgd, "clean")
    return Claim(
        "TRADES gives a more robust model than PGD training.",
        "Zhang et al. 2019 (arXiv:1901.08573), abstract: it won the NeurIPS 2018 challenge, 11.41% above the "
        f"runner-up in mean perturbation. {OURS[data]}",
        f"TRADES less PGD training, under the cascade: {points(gain)}; on clean pictures: {points(cost)}.",
        above(gain),
        data,
    )


def _more(attacked: Sequence[Trials], data: str) -> Claim:
    gaps = {one.title: Mean.of(one.figures["pgd"] - one.figures["apgd"]) for one in attacked}
    gain = Mean.of(np.mean([one.figures["pgd"] - one.figures["apgd"] for one in attacked], 0))
    most = max(gaps, key=lambda title: gaps[title].value)
    return Claim(
        "Stronger attacks take more: PGD-20 alone flatters a model.",
        "Croce & Hein 2020 (arXiv:2003.01690), abstract: lower than reported for all but one of over 50 models, often "
        f"by more than 10%. {OURS[data]}",
        f"PGD-20 less the cascade, the mean over the {len(attacked)} recipes that attack: {points(gain)}; the "
        f"largest of these {len(attacked)}, so one that was picked ({most}): {points(gaps[most])}.",
        above(gain),
        data,
    )
