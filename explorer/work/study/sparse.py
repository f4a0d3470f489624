"""Sparse binary networks: what is measured of them, and what was claimed of such.

Liu, Zhao, Süsstrunk & Salzmann 2022 (NeurIPS, arXiv:2202.01341). What is told of the paper are its abstract and the
table of the models that its authors have released.
"""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.arms import limited
from explorer.core.device import generator
from explorer.core.results import Claim, Trials
from explorer.core.stats import Mean
from explorer.core.types import Data, Threat
from explorer.models.binary import masks
from explorer.training.loop import Trained
from explorer.work.study.telling import above, less, mean, points, rate, span

PAIR = ("digits-sparse-dense_small-0", "digits-sparse-p01_10-0")
UNITS = {
    "clean": "accuracy on clean pictures",
    "pgd": "accuracy under PGD-20",
    "kept": "weights that count",
    "bits": "bits of the weights",
    "empty": "channels without any weight",
    "by_chance": "the same of a random choice",
}
DENSE = 32  # bits of a weight that is a number
DRAWS = 20  # random choices that a learned one is held against
TASK = (
    "Theirs: ResNets on CIFAR-10 at 8/255, 1% of the weights kept, 400 epochs. Ours: three convolutions and a linear "
    "layer of 7,112 weights on 8×8 digits at 0.1, PGD-3, 8 epochs."
)


def look(model: nn.Module, _trained: Trained, _train: Data, _test: Data, _threat: Threat, seed: int) -> dict[str, Any]:
    """Return what the records of this study have beside the history.

    Of a binary network "rates", the share of each layer that counts; "empty", the share of the convolutions' input and
    output channels without any weight, and "by_chance", that of random choices of as many weights in each layer; "kept"
    and "bits", what it takes to write its weights down: which count, by their entropy, and a sign of each. Of a dense
    network all count, 32 bits each.
    """
    every = masks(model)
    if not every:
        count = sum(p.numel() for p in model.parameters())
        return {"kept": count, "bits": count * DENSE}
    deep = [mask for mask in every if mask.ndim == 4]
    rng = generator(seed)
    drawn = [[_shuffled(mask, rng) for mask in deep] for _ in range(DRAWS)]
    return {
        "rates": [float(mask.mean()) for mask in every],
        "kept": int(sum(mask.sum() for mask in every)),
        "bits": sum(mask.numel() * _entropy(float(mask.mean())) + float(mask.sum()) for mask in every),
        "empty": _empty(deep),
        "by_chance": sum(map(_empty, drawn)) / DRAWS,
    }


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of one training, by the names in `UNITS`."""
    rates, nothing = record["measured"], float("nan")
    found = {key: rates[name]["hits"] / rates[name]["n"] for key, name in (("clean", "clean"), ("pgd", "pgd20"))}
    return found | {key: record["looked"].get(key, nothing) for key in UNITS if key not in found}


def _shuffled(mask: Tensor, rng: torch.Generator) -> Tensor:
    """Return as many weights of a layer, chosen at random."""
    return mask.flatten()[torch.randperm(mask.numel(), generator=rng)].view_as(mask)


def _empty(every: list[Tensor]) -> float:
    """Return the share of channels, in and out, that no weight is left of, over layers (out, in, 3, 3)."""
    channels = torch.cat([mask.sum(dim).flatten() for mask in every for dim in ((1, 2, 3), (0, 2, 3))])
    return float((channels == 0).float().mean())


def _entropy(p: float) -> float:
    """Return the bits that a choice of a share p takes for each of many."""
    return -sum(q * log2(q) for q in (p, 1 - p) if q > 0)


def claims(trials: Mapping[str, Trials]) -> tuple[Claim, ...]:
    """Return what was published, each held against these trainings."""
    best = trials["p01_4"]
    return (
        _adaptive(best, trials["p1_4"], (trials["p05_4"], trials["p0_4"])),
        _norm(trials["p01_10"], trials["bare_10"]),
        _structured([one for one in trials.values() if one.name.endswith("_4")]),
        _dense(trials["p01_10"], trials["dense_small"]),
    )


def _adaptive(best: Trials, uniform: Trials, others: Sequence[Trials]) -> Claim:
    gain = less(best, uniform, "pgd")
    told = ", ".join(f"less p = {one.settings['network']['p']:g}, {points(less(best, one, 'pgd'))}" for one in others)
    return Claim(
        "Where few weights are kept, their number in each layer matters: p = 0.1 is better than one share for all.",
        f"Liu et al. 2022 keep 1% with p = 0.1, which they found best. {TASK}",
        f"4% kept, under PGD-20: p = 0.1 less p = 1 (one share of every layer), {points(gain)}; {told} "
        f"(p = 0 is one number for every layer). Shares of the layers with p = 0.1: {_layers(best)}; with p = 1: "
        f"{_layers(uniform)}.",
        above(gain),
    )


def _layers(one: Trials) -> str:
    return ", ".join(f"{share:.0%}" for share in one.looked[0]["rates"])


def _norm(with_norm: Trials, without: Trials) -> Claim:
    gain = less(with_norm, without, "pgd")
    first, bare = (span(limited(one.history["loss"][:, 0])) for one in (with_norm, without))
    return Claim(
        "A batch norm on the logits steadies the training of binary networks.",
        f"Liu et al. 2022: the last batch norm is one of the method's parts. {TASK}",
        f"With it less without, under PGD-20: {points(gain)}. Mean loss of the first epoch {first} with it, "
        f"{bare} without.",
        above(gain),
    )


def _structured(every: list[Trials]) -> Claim:
    found = [(one, _over_chance(one)) for one in every]
    told = "; ".join(f"{one.title}: {points(gain)}" for one, gain in found)
    signs = {above(gain) for _, gain in found}
    return Claim(
        "What is kept has structure: more channels are empty than by chance.",
        "Liu et al. 2022, of their released models: the masks are structured.",
        f"Where 4% are kept, empty channels of the convolutions, less those of a random choice of as many: {told}.",
        signs.pop() if len(signs) == 1 else None,
    )


def _over_chance(one: Trials) -> Mean:
    return Mean.of(one.figures["empty"] - one.figures["by_chance"])


def _dense(binary: Trials, small: Trials) -> Claim:
    gain, plan = less(binary, small, "pgd"), small.settings["plan"]
    return Claim(
        "A sparse binary network is as robust as a small dense one, or more.",
        "Liu et al. 2022: better than other robust binary networks, and sometimes than dense ones of full precision. "
        "Their ResNet-34 with 1% kept: 77.30% clean, 45.06% under AutoAttack.",
        f"10% kept ({mean(binary, 'kept').value:.0f} weights, {mean(binary, 'bits').value:.0f} bits) under PGD-20: "
        f"{rate(binary, 'pgd')}. Less a dense network of {mean(small, 'kept').value:.0f} weights "
        f"({mean(small, 'bits').value:.0f} bits), trained by {plan['optimizer'].capitalize()} at {plan['rate']:g} for "
        f"{plan['epochs']} epochs: {points(gain)}.",
        above(gain),
    )
