"""Slow convergence and a wide gap: what large budgets do to the course of adversarial training, and what was claimed.

Liu et al. 2020 (arXiv:2006.08403), of which the abstract and the settings of the code are at hand, and no figure. The
trainings are those of the study "landscape", models of the zoo; here it is their histories that count.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from explorer.core.arms import GUESSING, NEAR
from explorer.core.results import Array, Claim, Trials
from explorer.core.stats import Mean
from explorer.models.zoo import card, history, studied
from explorer.work.study.arms import way_of
from explorer.work.study.measure import threat_of
from explorer.work.study.telling import above, amount, less, mean, points, tally

PAIR = ("mnist-pas-400-0", "mnist-pgd-400-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "pgd": "accuracy under PGD-20 at its own budget",
    "loss": "mean loss of the last epoch",
    "slope": "mean length of its gradient",
    "gap": "share that training pictures are ahead",
}
OF, ON, RATE = "landscape", "mnist", 0.001  # the study whose trainings these are; of them those alone
PAPER = "Liu et al. 2020, abstract: "
TASK = "Theirs: LeNet on MNIST for 100 epochs, eps to 0.4, Adam at 0.0001. Ours: a smaller network, 3 epochs at 0.001."


def trials() -> tuple[Trials, ...]:
    """Return MNIST's trainings at the usual rate by way and budget, the constant ones first, then those that grow."""
    these = [name for name in studied(OF) if (card(name)["data"], card(name)["plan"]["rate"]) == (ON, RATE)]
    groups = groupby(sorted(these, key=_order), key=lambda name: _order(name)[:-1])
    return tuple(_trials(list(names)) for _, names in groups)


def _order(name: str) -> tuple[int, float, int]:
    ways = ("none", "constant", "warm-up", "PAS")
    return ways.index(way_of(name)), threat_of(card(name)).eps, card(name)["seed"]


def _trials(names: Sequence[str]) -> Trials:
    cards, rows = [card(name) for name in names], [history(name) for name in names]
    first, eps = cards[0], threat_of(cards[0]).eps
    known = dict.fromkeys(key for some in rows for row in some for key in row)  # NaN where one has no such column
    columns = {key: np.array([[row.get(key, np.nan) for row in some] for some in rows], np.float64) for key in known}
    ends = {key: values[:, -1] for key, values in columns.items()}
    kind = "robust" if eps else "clean"
    attack = next(key for key in first["measured"] if key.startswith("pgd"))
    return Trials(
        name=names[0].rpartition("-")[0],
        title=first["title"].rpartition(" (seed")[0] if eps else "ordinary training",
        settings={"way": way_of(names[0]), "eps": eps},
        seeds=tuple(one["seed"] for one in cards),
        history=columns,
        figures={
            "clean": _rates(cards, "clean"),
            "pgd": _rates(cards, attack) if eps else np.full(len(names), np.nan),
            "loss": ends["loss"],
            "slope": ends["slope"],
            "gap": ends[f"train_{kind}"] - ends[f"test_{kind}"],
        },
        seconds=np.array([one["seconds"] for one in cards], np.float64),
        looked=tuple({} for _ in names),
    )


def _rates(cards: Sequence[Mapping[str, Mapping[str, Mapping[str, int]]]], attack: str) -> Array:
    return np.array([one["measured"][attack]["hits"] / one["measured"][attack]["n"] for one in cards])


def stays(one: Trials) -> int:
    """Return how many trainings end at the loss of guessing."""
    return int((one.figures["loss"] > GUESSING - NEAR).sum())


def claims(found: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    constant, grown = ([one for one in found.values() if one.settings["way"] == way] for way in ("constant", "PAS"))
    plain = next(one for one in found.values() if one.settings["way"] == "none")
    return _plateau(constant), _leaves(constant, grown), _wide(grown, plain), _slopes(grown, plain)


def _plateau(constant: Sequence[Trials]) -> Claim:
    counts = [stays(one) for one in constant]
    pairs = zip(constant, counts, strict=True)
    told = "; ".join(f"{tally(count, len(one.seeds))} at eps {one.settings['eps']:g}" for one, count in pairs)
    return Claim(
        "With a large budget from the start, training does not leave the loss of guessing.",
        f"{PAPER}large budgets impede the escape from a suboptimal random start. {TASK}",
        f"At the end of the third epoch the loss is that of guessing, ln 10 = {GUESSING:.2f}, in {told}. "
        f"The loss of the last epoch at the largest: {amount(constant[-1], 'loss')}.",
        counts == sorted(counts) and counts[-1] > counts[0],
    )


def _leaves(constant: Sequence[Trials], grown: Sequence[Trials]) -> Claim:
    count, n = sum(map(stays, grown)), sum(len(one.seeds) for one in grown)
    gain = less(grown[-1], constant[-1], "pgd")
    return Claim(
        "A budget that grows (PAS) leaves it.",
        f"{PAPER}PAS gives better results than adversarial training with a constant budget. {TASK}",
        f"{tally(count, n)} end there, over all budgets. At eps {grown[-1].settings['eps']:g}, PAS less the constant "
        f"budget, under PGD-20: {points(gain)}.",
        True if not count and above(gain) else False if count == n or above(gain) is False else None,
    )


def _wide(grown: Sequence[Trials], plain: Trials) -> Claim:
    gap, means = less(grown[-1], plain, "gap"), [mean(one, "gap").value for one in (plain, *grown)]
    told = "; ".join(f"{points(mean(one, 'gap'))} at eps {one.settings['eps']:g}" for one in grown)
    return Claim(
        "Adversarial training generalises worse than ordinary training, the more so the larger the budget.",
        f"Liu 2022, thesis: the large gap of robust models is one of its subjects. {TASK}",
        f"How far 1,000 training pictures are ahead of as many test pictures under attack, with PAS: {told}; of "
        f"ordinary training, on clean pictures, {points(mean(plain, 'gap'))}. Largest less ordinary: {points(gap)}. "
        "The intervals are over seeds, on the same pictures.",
        None if above(gap) and means != sorted(means) else above(gap),
    )


def _slopes(grown: Sequence[Trials], plain: Trials) -> Claim:
    change = Mean.of(np.log(grown[-1].figures["slope"] / plain.figures["slope"]))
    told = "; ".join(f"{amount(one, 'slope')} at eps {one.settings['eps']:g}" for one in grown)
    return Claim(
        "Under a large budget gradients stay long.",
        f"{PAPER}large budgets cause gradients that do not vanish. {TASK}",
        f"Mean length of the gradient over the last epoch: {amount(plain, 'slope')} in ordinary training; with PAS "
        f"{told}. Their ratio at the largest: {np.exp(change.value):.3g} ({np.exp(change.interval[0]):.2g} to "
        f"{np.exp(change.interval[1]):.2g}, n = {change.n}).",
        above(change),
    )
