"""Training with the 1-path-norm: what is measured of its models, and what was claimed of the method.

Latorre, Rolland, Hallak & Cevher 2020 (PMLR 119, arXiv:2007.01003). Their figures are not at hand: what is told of the
paper is its abstract and the settings of its code. The halved bound is ours (`certificates.lipschitz`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import nn

from explorer.certificates.run import certified
from explorer.core.results import Claim, Trials
from explorer.core.stats import Mean
from explorer.core.types import Data, Threat
from explorer.training.loop import Trained
from explorer.work.study.telling import above, amount, counted, less, points, rate, span

PAIR = ("digits-path_norm-plain-0", "digits-path_norm-prox_large-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "pgd": "accuracy under PGD-20",
    "certified": "certified by the halved path norm",
    "path": "certified by the path norm",
    "product": "certified by the product of layer norms",
    "zeros": "weights that are exactly 0",
    "norm": "path norm",
}
BOUNDS = {"certified": "half_path_norm", "path": "path_norm", "product": "layer_norms"}
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)  # of the budget: where the halved bound is asked
PICTURES = 200  # the first test pictures, of which proofs are asked
TASK = (
    "Theirs: MNIST and its kin, 200 hidden units (ELU), PGD at eps 0.1. Ours: 8×8 digits, 32 units (ReLU), eps 0.05; "
    "pixels are divided by their spread before the first layer, which makes one weight another strength."
)


def look(model: nn.Module, trained: Trained, train: Data, test: Data, threat: Threat, _seed: int) -> dict[str, Any]:
    """Return what the records of this study have beside the history.

    "certified", "path" and "product": the share of test pictures that are certified in the budget; "curve": by the
    first of these at `SHARES` of the budget; "zeros": the share of weights that are exactly 0; "norm": the path norm of
    pixels as the network has them.
    """
    data = test.first(PICTURES)

    def share(name: str, eps: float) -> float:
        return float(certified(name, model, data.x, data.y, threat.norm, eps).mean())

    into, out = (layer.weight.detach() for layer in model.modules() if isinstance(layer, nn.Linear))
    none = sum(int((weight == 0).sum()) for weight in (into, out))
    return {
        **{key: share(name, threat.eps) for key, name in BOUNDS.items()},
        "curve": [share(BOUNDS["certified"], part * threat.eps) for part in SHARES],
        "zeros": none / (into.numel() + out.numel()),
        "norm": float((out.abs().sum(0) * into.abs().sum(1)).sum()),
    }


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of one training, by the names in `UNITS`."""
    rates = record["measured"]
    found = {key: rates[name]["hits"] / rates[name]["n"] for key, name in (("clean", "clean"), ("pgd", "pgd20"))}
    return found | {key: record["looked"][key] for key in UNITS if key not in found}


def claims(trials: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    plain, prox, small = (trials[name] for name in ("plain", "prox_large", "prox"))
    return (
        _robust(prox, plain),
        _zeros(prox, trials["subgradient_large"]),
        _tighter([*trials.values()]),
        _price(small, prox),
    )


def _robust(prox: Trials, plain: Trials) -> Claim:
    gain, proved, cost = (less(prox, plain, key) for key in ("pgd", "certified", "clean"))
    both = {above(gain), above(proved)}
    return Claim(
        "Training with the path norm makes a network more robust, and what is proved of it more.",
        f"Latorre et al. 2020, abstract: a better trade-off of robustness and accuracy than other constraints. {TASK}",
        f"{prox.title.capitalize()} less {plain.title}: {points(gain)} under PGD-20, {points(proved)} certified by the "
        f"halved path norm ({rate(prox, 'certified')} against {rate(plain, 'certified')}), {points(cost)} clean.",
        both.pop() if len(both) == 1 else None,
    )


def _zeros(prox: Trials, other: Trials) -> Claim:
    more, norm = less(prox, other, "zeros"), Mean.of(prox.figures["norm"] / other.figures["norm"])
    return Claim(
        "The proximal step makes weights exactly 0, which the subgradient does not.",
        "Latorre et al. 2020: the exact proximal step, in closed form, where others follow subgradients.",
        f"Exact zeros: {counted(prox, 'zeros')} by the proximal step, {counted(other, 'zeros')} by the subgradient of "
        f"the same weight. The proximal step's path norm is {span(norm)} times the subgradient's.",
        above(more),
    )


def _tighter(every: list[Trials]) -> Claim:
    gains = {
        key: Mean.of(np.mean([one.figures[key] - one.figures["product"] for one in every], 0))
        for key in ("path", "certified")
    }
    least = min(float((one.figures["path"] - one.figures["product"]).min()) for one in every)
    return Claim(
        "The path norm proves more than the product of the layers' norms.",
        "Latorre et al. 2020, abstract: a bound on the Lipschitz constant that is tighter than that product.",
        f"Over all kinds, certified by the path norm less by the product: {points(gains['path'])}, in no model less "
        f"than {100 * least:+.1f}; by the halved path norm less by the product: {points(gains['certified'])}.",
        above(gains["path"]),
    )


def _price(small: Trials, large: Trials) -> Claim:
    cost, gain = less(large, small, "clean"), less(large, small, "certified")
    signs = {above(cost, -1), above(gain)}
    return Claim(
        "A larger weight of the path norm buys proofs with accuracy.",
        "Of no paper in these words: Latorre et al. 2020 draw error against robust error over their weights.",
        f"From {small.title} to {large.title}: {points(gain)} certified, {points(cost)} on clean pictures. Path norms "
        f"{amount(small, 'norm')} and {amount(large, 'norm')}.",
        True if signs == {True} else False if False in signs else None,
    )
