"""Hard adversarial instances: what is measured of them, and what was claimed.

Liu, Huang, Salzmann, Zhang & Süsstrunk 2024 (JMLR 25, arXiv:2112.07324). Figures of the paper are read from its plots.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from explorer.certificates.lipschitz import steepest_margin
from explorer.certificates.network import read
from explorer.core.arms import GUESSING
from explorer.core.results import Claim, Trials
from explorer.core.stats import Mean, rank_correlation
from explorer.core.types import Data, Threat
from explorer.training.difficulty import difficulty
from explorer.training.loop import Trained
from explorer.work.study.telling import above, amount, less, mean, points, rate, span

PAIR = ("digits-hard-easy-0", "digits-hard-hard-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "pgd": "accuracy under PGD-20",
    "fitted": "training pictures right under PGD-10",
    "gap": "training pictures ahead",
    "fall": "lost since the best epoch",
    "steep": "Lipschitz bound",
}
FIRST = 4  # epoch from which on losses count: before, the model knows little
GROUPS = 10  # of pictures, by how hard they are
LAST = 3  # epochs whose mean is a figure of the end
UNFITTED = f"It is not below that of guessing, {GUESSING:.2f}: they are not fitted, and the claim is not tested. "
NOT_HALF = " Not even half of the hard ones are fitted: the claim is not tested."
TASK = (
    "Theirs: CIFAR-10 at 8/255, ResNet-18, 200 epochs, 10,000 pictures of 50,000. Ours: 8×8 digits at 0.1, a small "
    "network, 300 pictures of 1,297."
)


def look(model: nn.Module, trained: Trained, train: Data, _test: Data, _threat: Threat, _seed: int) -> dict[str, Any]:
    """Return what the records of this study have beside the history.

    "steep" at every recorded state but the first, and so in the end: the Lipschitz bound of the margins in l2, by the
    product of the layers' norms; of a training whose path is not recorded in the end alone. Of
    trainings that keep each picture's loss "difficulty" of every training picture, and "groups", the mean loss of each
    tenth of them, the hardest first, by epoch (E, 10).
    """
    found: dict[str, Any] = {"steep": _steep(model, trained, train.x.shape[1:])}
    if "losses" not in trained.memory.kept:
        return found
    losses = trained.memory.kept["losses"]
    hardness = difficulty(losses, FIRST)
    groups = [losses[rows].mean(0) for rows in hardness.argsort().tensor_split(GROUPS)]
    return found | {"difficulty": hardness.tolist(), "groups": torch.stack(groups, 1).tolist()}


def _steep(model: nn.Module, trained: Trained, shape: Sequence[int]) -> list[float]:
    """Return the Lipschitz bound on the way, and of the model itself, which is left as it was."""
    final = {name: value.clone() for name, value in model.state_dict().items()}
    found = []
    for state in [*(state for share, state in trained.path.items() if 0 < share < 1), final]:
        model.load_state_dict(state)
        found.append(steepest_margin(read(model, shape), "l2"))
    return found


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of one training, by the names in `UNITS`."""
    rates, history = record["measured"], record["history"]
    fitted, robust = ([*history[f"{split}_robust"]] for split in ("train", "test"))
    end = sum(robust[-LAST:]) / LAST
    return {
        **{key: rates[name]["hits"] / rates[name]["n"] for key, name in (("clean", "clean"), ("pgd", "pgd20"))},
        "fitted": sum(fitted[-LAST:]) / LAST,
        "gap": sum(fitted[-LAST:]) / LAST - end,
        "fall": max(sum(robust[i : i + LAST]) / LAST for i in range(len(robust) - LAST + 1)) - end,
        "steep": record["looked"]["steep"][-1],
    }


def claims(trials: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    return (
        _of_data(trials["source"], trials["other"]),
        _worse(trials["easy"], trials["random"], trials["hard"]),
        _overfits(trials["source"]),
        _steeper(trials["easy"], trials["hard"]),
        _mitigated(trials["kept"], (trials["adaptive"], trials["reweighted"])),
    )


def _of_data(one: Trials, other: Trials) -> Claim:
    pairs = zip(one.looked, other.looked, strict=True)
    found = [rank_correlation(np.array(a["difficulty"]), np.array(b["difficulty"])) for a, b in pairs]
    like = Mean.of(np.array(found, np.float64))
    like = Mean(like.value, like.n, (max(like.interval[0], -1.0), min(like.interval[1], 1.0)))
    return Claim(
        "How hard a picture is hangs on the data more than on the network.",
        f"Liu et al. 2024 compare it between networks and attacks. {TASK}",
        f"Rank correlation of the difficulty of {len(one.looked[0]['difficulty']):,} training pictures between a "
        f"convolutional and a fully connected network, the mean over seeds: {span(like)}; 0.5 is taken for the border.",
        True if like.interval[0] > 0.5 else False if like.interval[1] < 0.5 else None,
    )


def _worse(easy: Trials, some: Trials, hard: Trials) -> Claim:
    first, second, gap = less(easy, hard, "pgd"), less(some, hard, "pgd"), less(hard, easy, "gap")
    told = ", ".join(f"{rate(one, 'fitted')} of the {one.title}" for one in (easy, some, hard))
    return Claim(
        "Trained on hard pictures alone, a model is less robust on test pictures than trained on as many easy ones.",
        "Liu et al. 2024, robust test error in the end: easy .631, random .694, hard .962; of training pictures .000, "
        f".038, .260. {TASK}",
        f"Under PGD-20, easy less hard: {points(first)}; random less hard: {points(second)}. Right of the training "
        f"pictures themselves under PGD-10: {told}. How far these are ahead, hard less easy: {points(gap)}.",
        above(first),
    )


def _overfits(source: Trials) -> Claim:
    fall = Mean.of(source.figures["fall"])
    hardest = np.array([[looked["groups"][epoch][0] for epoch in (0, -1)] for looked in source.looked], np.float64)
    before, after = (Mean.of(values) for values in hardest.T)
    fitted, border = after.interval[1] < GUESSING, 0.03
    return Claim(
        "Robustness falls again as the hard pictures are being fitted.",
        "Liu et al. 2024: robust test error .468 at its best and .553 in the end, and the hardest tenth's loss falls "
        f"from about 2.9 to 0.95 meanwhile. {TASK}",
        f"From the best three epochs to the last three, accuracy under PGD-10 falls by {points(fall)}. The "
        f"hardest tenth's loss goes from {span(before)} to {span(after)}. "
        f"{'' if fitted else UNFITTED}Best less last is never below 0, even by chance: "
        f"{100 * border:.0f} points are taken for the border.",
        None if not fitted else True if fall.interval[0] > border else False if fall.interval[1] < border else None,
    )


def _steeper(easy: Trials, hard: Trials) -> Claim:
    times = Mean.of(np.log(hard.figures["steep"] / easy.figures["steep"]))
    fitted = mean(hard, "fitted").value > 0.5
    both = (f"of the {one.title} {amount(one, 'steep')}; {rate(one, 'fitted')} fitted" for one in (easy, hard))
    return Claim(
        "Hard pictures make a network steeper than easy ones, as it fits them.",
        "Liu et al. 2024, Lipschitz upper bound by spectral norms, from epoch 10 to epoch 190: easy 1.1e4 to 1.5e5, "
        f"hard 6.5e1 to 4.4e6. {TASK}",
        f"The bound in the end: {'; '.join(both)}. Hard by easy, the mean of the logarithm: {np.exp(times.value):.3g} "
        f"({np.exp(times.interval[0]):.2g} to {np.exp(times.interval[1]):.2g}, n = {times.n})."
        f"{'' if fitted else NOT_HALF}",
        above(times) if fitted else None,
    )


def _mitigated(kept: Trials, both: tuple[Trials, ...]) -> Claim:
    gains = [(one, less(one, kept, "pgd"), less(one, kept, "gap")) for one in both]
    told = "; ".join(f"{one.title.split(', ')[-1]}: {points(gain)}, gap {points(gap)}" for one, gain, gap in gains)
    signs = {above(gain) for _, gain, _ in gains}
    return Claim(
        "Asking less of hard pictures, by softer targets or less weight, gives a more robust model.",
        f"Liu et al. 2024, of fast adversarial training on CIFAR-10: both help. {TASK}",
        f"Less plain one-step training on kept perturbations, under PGD-20: {told}.",
        signs.pop() if len(signs) == 1 else None,
    )
