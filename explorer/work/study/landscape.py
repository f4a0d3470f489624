"""The claims of Liu et al. 2020 (arXiv:2006.08403) on the loss landscape of adversarial training, held against ours.

Their tables are not at hand: what is told of the paper is its abstract and the settings of its code, and no figure. Its
models are larger (LeNet with 32 and 64 filters), and trained for 100 epochs at a constant rate of 0.0001. Ours end
before a minimum: that of a large budget is further off, which alone makes its gradient longer.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.core.arms import budget_of, limited, mean_of, stuck
from explorer.core.results import Arm, Array, Claim, Study
from explorer.core.stats import Mean
from explorer.work.study.telling import above, span

PAPER = "Liu et al. 2020, abstract: "
SETTING = "Learning rate and network are not the paper's: at which budget a start cannot be left is not the same there."
SHORT = "Of models trained for a few epochs, whose loss still falls: they are not at a minimum."


def landscape(arms: Sequence[Arm]) -> Study:
    """Return the arms of the study "landscape" with the claims, each judged by the models' figures, by data set.

    A claim of a trend compares the largest budget with the smallest, seed by seed, as models of one seed began with the
    same weights. It holds where Student's 95 % interval over the seeds says so and the means of the budgets between
    are in order, fails where the interval says the opposite, and is open otherwise.
    """
    sets = dict.fromkeys(arm.data for arm in arms)
    return Study(tuple(arms), tuple(claim for one in sets for claim in _claims([a for a in arms if a.data == one])))


def _claims(arms: Sequence[Arm]) -> list[Claim]:
    """Return the claims, of one data set: those of budgets by its ladder, which has one learning rate."""
    rate = next(arm.rate for arm in arms if arm.way == "none")
    usual = [arm for arm in arms if arm.rate == rate]
    constant = [arm for arm in usual if arm.way == "constant"]
    grown = [arm for arm in usual if arm.way == "PAS"]
    ladder = [arm for arm in usual if arm.way == "none"] + grown
    others = sorted({arm.eps for arm in arms if arm.rate != rate})
    better = _better(usual, "" if others else " How much hangs on it is not measured here.")
    found = [_escape(constant, grown), _sharper(ladder), _scattered(grown), _slopes(ladder), better]
    if others:
        found.append(_steady([arm for arm in arms if arm.eps == others[0]]))
    return [replace(claim, on=arms[0].data) for claim in found]


def _escape(constant: Sequence[Arm], grown: Sequence[Arm]) -> Claim:
    counts = [stuck(arm) for arm in constant]
    told = "; ".join(f"{stuck(arm)} of {len(arm.models)} at eps {budget_of(arm)}" for arm in constant)
    everywhere = all(stuck(arm) == len(arm.models) for arm in constant)  # the smallest budget is too large already
    with_pas = sum(map(stuck, grown)), sum(len(arm.models) for arm in grown)
    return Claim(
        "A large budget keeps training from leaving its start.",
        PAPER + "training under large budgets impedes the escape from a suboptimal random start.",
        f"Still at the loss of guessing (ln 10) in the end, budget constant: {told}. With PAS: {with_pas[0]} of "
        f"{with_pas[1]}, over all budgets. At eps {budget_of(grown[-1])} the loss's gradient in the weights has a "
        f"length of {_mean(constant[-1], 'slope')} with the constant budget, of {_mean(grown[-1], 'slope')} with PAS. "
        + SETTING,
        None if everywhere else counts == sorted(counts) and counts[-1] > counts[0],
    )


def _sharper(ladder: Sequence[Arm]) -> Claim:
    return Claim(
        "The larger the budget, the sharper is the loss where training ends.",
        PAPER + "large budgets make the model find sharper minima.",
        f"The Hessian's largest eigenvalue: {_along(ladder, 'eigenvalue')}. "
        f"At the largest budget it is {_times(_ratio(ladder, 'eigenvalue'))} that at the smallest. " + SHORT,
        _rises(ladder, _ratio(ladder, "eigenvalue"), "eigenvalue"),
    )


def _scattered(grown: Sequence[Arm]) -> Claim:
    change = Mean.of(grown[-1].figures["turn"] - grown[0].figures["turn"])
    return Claim(
        "The larger the budget, the more do adversarial perturbations turn when the weights move a little.",
        PAPER + "the landscape has more scattered gradients.",
        f"The mean cosine between the perturbations before and after: {_along(grown, 'turn')}. "
        f"From the smallest budget to the largest it changes by {span(change)}.",
        _rises(grown, change, "turn", sign=-1),
    )


def _slopes(ladder: Sequence[Arm]) -> Claim:
    return Claim(
        "With a large budget the gradient does not vanish where training ends.",
        PAPER + "large budgets cause gradients that do not vanish.",
        f"The length of the loss's gradient in the weights: {_along(ladder, 'slope')}. "
        f"At the largest budget it is {_times(_ratio(ladder, 'slope'))} as long as at the smallest. " + SHORT,
        _rises(ladder, _ratio(ladder, "slope"), "slope"),
    )


def _better(arms: Sequence[Arm], open_: str) -> Claim:
    by = {(arm.way, arm.eps): arm for arm in arms}
    pairs = [(arm, by["constant", eps]) for (way, eps), arm in by.items() if way == "PAS" and ("constant", eps) in by]
    gains = [Mean.of(arm.figures["robust"] - other.figures["robust"]) for arm, other in pairs]
    told = "; ".join(f"{_points(gain)} at eps {budget_of(arm)}" for gain, (arm, _) in zip(gains, pairs, strict=True))
    last, gain = pairs[-1][0], gains[-1]
    warm = by.get(("warm-up", last.eps))
    other = Mean.of(last.figures["robust"] - warm.figures["robust"]) if warm else None
    return Claim(
        "At a large budget one that grows (PAS) gives a more robust model than a constant one.",
        PAPER + "PAS yields better results than vanilla adversarial training.",
        f"Robust accuracy, PAS less constant, in points: {told}."
        + (f" PAS less a linear warm-up, at eps {budget_of(last)}: {_points(other)}." if other else "")
        + f" All have one learning rate.{open_}",
        above(gain),
    )


def _steady(arms: Sequence[Arm]) -> Claim:
    """Judge how much hangs on the learning rate: per seed, the span of the robust accuracy over the rates."""
    by_rate = sorted(arms, key=lambda arm: arm.rate)
    ways = {way: [arm for arm in by_rate if arm.way == way] for way in ("constant", "PAS")}
    seeds = min(len(arm.models) for arm in arms)  # those that were trained at every rate, the first ones
    spans = {way: np.ptp([arm.figures["robust"][:seeds] for arm in some], axis=0) for way, some in ways.items()}
    told = {way: "; ".join(map(_at_rate, some)) for way, some in ways.items()}
    change = Mean.of(spans["constant"] - spans["PAS"])
    return Claim(
        "With a budget that grows (PAS) less hangs on the learning rate than with a constant one.",
        PAPER + "PAS is much less sensitive to the choice of learning rate.",
        f"Robust accuracy at eps {budget_of(arms[0])} by learning rate, budget constant: {told['constant']}. "
        f"With PAS: {told['PAS']}. From its worst rate to its best the same seed gains, in points, "
        f"{_points(limited(spans['constant']))} with the constant budget and {_points(limited(spans['PAS']))} with "
        f"PAS; the first less the second: {_points(change)}. At one budget.",
        above(change),
    )


def _at_rate(arm: Arm) -> str:
    return f"{mean_of(arm, 'robust').share} at {arm.rate:g} ({stuck(arm)} of {len(arm.models)} stuck)"


def _ratio(ladder: Sequence[Arm], key: str) -> Mean:
    """Return the mean over the seeds of the natural logarithm of the last arm's figure over the first one's."""
    logs: Array = np.log(ladder[-1].figures[key] / ladder[0].figures[key])
    return Mean.of(logs)


def _rises(ladder: Sequence[Arm], change: Mean, key: str, sign: int = 1) -> bool | None:
    """Return whether a figure rises with the budget (falls, with a sign of -1): from end to end, and on the way."""
    holds = above(change, sign)
    steps = sign * np.diff([arm.figures[key].mean() for arm in ladder])
    return None if holds and (steps < 0).any() else holds


def _along(ladder: Sequence[Arm], key: str) -> str:
    return "; ".join(f"{_mean(arm, key)} at eps {budget_of(arm)}" for arm in ladder)


def _times(logs: Mean) -> str:
    """Return a ratio, by its logarithm, in words."""
    value, low, high = (math.exp(one) for one in (logs.value, *logs.interval))
    return f"{value:.3g} times ({low:.2g}–{high:.2g}, n = {logs.n})"


def _mean(arm: Arm, key: str) -> str:
    return span(mean_of(arm, key))


def _points(mean: Mean) -> str:
    low, high = (100 * one for one in mean.interval)
    return f"{100 * mean.value:+.1f} ({low:+.1f} to {high:+.1f}, n = {mean.n})"
