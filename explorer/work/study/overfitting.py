"""Catastrophic overfitting: what is measured of a model that was trained by one step, and what was claimed of such.

Huang et al. 2023 (ATAS, arXiv:2206.02417) and Wong et al. 2020 (arXiv:2001.03994). Their tables are not at hand: what
is told of the papers is their abstracts and settings, and no figure.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.goals import Goal, ascent
from explorer.core.results import Claim, Trials
from explorer.core.stats import Mean
from explorer.core.types import Data, Threat
from explorer.training.loop import Trained
from explorer.work.study.telling import above, amount, less, points, rate, tally

PAIR = ("mnist-overfitting-fgsm-0", "mnist-overfitting-atas-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "fgsm": "accuracy after one step (FGSM)",
    "pgd": "accuracy under PGD-20",
    "step": "mean step of the last epoch, in eps",
    "cpu": "processor seconds of training",
}
PLACES = 11  # along the direction of the gradient's sign, from the picture to the budget
PICTURES = 200  # that are looked at
FALLEN, STANDS = 0.15, 0.4  # accuracy under PGD at most, after one step at least: overfitted to the one step
OURS = "Ours: 4,000 pictures of MNIST at 0.3."
TASK = f"Theirs: CIFAR-10, CIFAR-100 and ImageNet, residual networks, 30 or 90 epochs. {OURS}"


def look(model: nn.Module, trained: Trained, train: Data, test: Data, threat: Threat, _seed: int) -> dict[str, Any]:
    """Return what the records of this study have beside the history.

    "fgsm": accuracy on the test pictures after one step of eps; "along": for the share of the training that was done,
    the mean loss of test pictures on the way from the picture to that step's end; of training that keeps the square of
    each picture's gradient, "gradient", its root for some pictures, and "step", their last steps in eps.
    """
    device = next(model.parameters()).device
    x, y = test.x.to(device), test.y.to(device)
    ends = _end(model, x, y, threat)
    found: dict[str, Any] = {"fgsm": float((_asked(model, ends).argmax(1) == y).float().mean())}
    final = {name: value.clone() for name, value in model.state_dict().items()}
    found["along"] = {}
    for share_done, state in trained.path.items():
        model.load_state_dict(state)
        found["along"][f"{share_done:.2f}"] = _along(model, x[:PICTURES], y[:PICTURES], threat)
    model.load_state_dict(final)
    kept = trained.memory.kept
    if "square" in kept:
        found["gradient"] = kept["square"][:PICTURES].sqrt().tolist()
        found["step"] = (kept["alpha"][:PICTURES] / threat.eps).tolist()
    return found


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of one training, by the names in `UNITS`."""
    rates, history = record["measured"], record["history"]
    return {
        "clean": rates["clean"]["hits"] / rates["clean"]["n"],
        "fgsm": record["looked"]["fgsm"],
        "pgd": rates["pgd20"]["hits"] / rates["pgd20"]["n"],
        "step": history["step"][-1] if "step" in history else float("nan"),
        "cpu": sum(history["cpu"]),
    }


def _end(model: nn.Module, x: Tensor, y: Tensor, threat: Threat) -> Tensor:
    """Return pictures after one step of the whole budget."""
    _, slope = ascent(model, x, Goal(y))
    return (x + threat.eps * slope.sign()).clamp(0, 1)


def _along(model: nn.Module, x: Tensor, y: Tensor, threat: Threat) -> list[float]:
    """Return the mean loss at places on the straight way from pictures to where one step takes them."""
    ends = _end(model, x, y, threat)
    places = (torch.lerp(x, ends, i / (PLACES - 1)) for i in range(PLACES))
    return [float(cross_entropy(_asked(model, x_t), y)) for x_t in places]


@torch.no_grad()
def _asked(model: nn.Module, x: Tensor) -> Tensor:
    logits: Tensor = model(x)
    return logits


def claims(trials: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    fgsm, random, kept = (trials[name] for name in ("fgsm", "fgsm_rs", "atta"))
    atas, same, long = (trials[name] for name in ("atas", "constant_step", "atas_long"))
    return (
        collapses(fgsm, OURS),
        _put_off(random, fgsm),
        _mitigates(atas, random, kept),
        _adapts(atas, same),
        _length(atas, long),
    )


def fallen(one: Trials) -> int:
    """Return how many trainings have overfitted to the one step: they stand against it, and fall to twenty."""
    figures = one.figures
    return int(((figures["pgd"] <= FALLEN) & (figures["fgsm"] >= STANDS)).sum())


def collapses(fgsm: Trials, ours: str, data: str = "") -> Claim:
    """Return the claim that training by one step without a random start overfits to that step: all do so, or none.

    ours : in a sentence what these trainings are; data : the data set that a claim is of, where there are several
    """
    count, n = fallen(fgsm), len(fgsm.seeds)
    return Claim(
        "Trained by FGSM without a random start, a model stands against the one step and falls to many.",
        f"Wong et al. 2020 (arXiv:2001.03994), sec. 5.4, call it catastrophic overfitting; CIFAR-10 at 8/255. {ours}",
        f"{tally(count, n)} end so (PGD-20 at most {FALLEN:.0%}, FGSM at least {STANDS:.0%}): accuracy "
        f"{rate(fgsm, 'fgsm')} after one step, {rate(fgsm, 'pgd')} under PGD-20, {rate(fgsm, 'clean')} clean.",
        count == n if count in (0, n) else None,
        data,
    )


def _put_off(random: Trials, fgsm: Trials) -> Claim:
    gain, count = less(random, fgsm, "pgd"), fallen(random)
    robust = random.history["test_robust"]
    lost = Mean.of(robust.max(1) - robust[:, -1])
    return Claim(
        "A random start keeps a model from overfitting to the one step.",
        "Wong et al. 2020: with it, FGSM training is as good as PGD training on CIFAR-10 at 8/255. Huang et al. 2023: "
        "at larger budgets, or after more epochs, it overfits, too.",
        f"Under PGD-20 the random start is worth {points(gain)}; {tally(count, len(random.seeds))} have overfitted. "
        f"From its best epoch to the last it loses {points(lost)} under PGD-10.",
        False if count else above(gain),
    )


def _mitigates(atas: Trials, random: Trials, kept: Trials) -> Claim:
    gain, beside, count = less(atas, random, "pgd"), less(atas, kept, "pgd"), fallen(atas)
    return Claim(
        "Adaptive steps (ATAS) keep catastrophic overfitting away, and the model is more robust.",
        f"Huang et al. 2023, abstract: consistently mitigates it, and a higher robust accuracy. {TASK}",
        f"{tally(count, len(atas.seeds))} have overfitted. Under PGD-20, ATAS (c = 0.4) less FGSM with a random start: "
        f"{points(gain)}; less ATTA, whose steps are eps: {points(beside)}.",
        False if count else above(gain),
    )


def _adapts(atas: Trials, same: Trials) -> Claim:
    gain = less(atas, same, "pgd")
    return Claim(
        "It is the adapting of the step to each picture that helps, beyond the length of the steps.",
        "Huang et al. 2023 find overfitting to be a matter of single pictures, those of large gradients, and so give "
        "them shorter steps. The control, whose steps are all ATAS's mean, is ours.",
        f"ATAS less this control, under PGD-20: {points(gain)}. Mean steps of the last epoch, in eps: "
        f"{amount(atas, 'step')} and {amount(same, 'step')}.",
        above(gain),
    )


def _length(atas: Trials, long: Trials) -> Claim:
    gain = less(atas, long, "pgd")
    return Claim(
        "Shorter steps make the more robust model.",
        "Of no paper: what the control above suggests. Their c = 0.01, for the mean over 128 pictures, is 1.28 here.",
        f"ATAS with c = 0.4 less c = 1.28, under PGD-20: {points(gain)}. Mean steps of the last epoch, in eps: "
        f"{amount(atas, 'step')} and {amount(long, 'step')}.",
        above(gain),
    )
