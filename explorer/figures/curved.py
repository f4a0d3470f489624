"""How sharp two models' losses are in their weights, in sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.core.results import Array, Ball, Curvatures, Scattered
from explorer.core.stats import Mean, Median, Rate
from explorer.core.words import amount, minus
from explorer.figures.curvatures import LOSS, after, again, known_mean, turns
from explorer.figures.setting import Setting
from explorer.figures.sharpness import compared, numbers_of


def told(found: Curvatures, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what was found, a sentence each: the numbers of each model, then how they compare."""
    return [*counted(found, setting), *follows(found, setting)]


def counted(found: Curvatures, setting: Setting) -> list[str]:
    """Return the numbers of each model, a sentence each."""
    lines = [] if found.sharpness is None else numbers_of(found.sharpness, setting)
    for loss, models in found.curved.items():
        balls = [(name, one.ball) for name, one in zip(setting.names, models.values(), strict=False)]
        lines += [_in_ball(name, ball, LOSS[loss]) for name, ball in balls]
    return [minus(line) for line in [*lines, *_scatters(found, setting), *_steep(found, setting)]]


def follows(found: Curvatures, setting: Setting) -> list[str]:
    """Return how the models compare, a sentence each; the last says how the numbers were made."""
    stays = [(name, still) for name, still in _still(found, setting) if still.any()]
    lines = [] if found.sharpness is None else compared(found.sharpness, setting, clean=bool(stays))
    lines += [_stays(name, still, found) for name, still in stays]
    turned, loose = [turns(one, 0) for one in found.scattered.values()], any(still.all() for _, still in stays)
    if len(turned) == 2 and not loose and (difference := known_mean(turned[0] - turned[1])) is not None:
        size = 100 * float(next(iter(found.scattered.values())).scattering.sizes[0])
        lines.append(_more(*setting.names, difference, size))
    return [minus(line) for line in [*lines, _limits(found, setting)]]


def _still(found: Curvatures, setting: Setting) -> list[tuple[str, Array]]:
    """Return at which pictures the attack on each model had no gradient to follow."""
    stills = [one.still for one in found.scattered.values()]
    stills = stills or [one.still for one in found.curved.get("adversarial", {}).values()]
    return list(zip(setting.names, stills, strict=False))


def _stays(name: str, still: Array, found: Curvatures) -> str:
    """Return at how many pictures there is nothing that an attack made."""
    if still.all():
        return (
            f"The {name} model's gradient is zero at all {len(still):,} pictures: under attack these are random "
            "starts, and there is nothing to compare."
        )
    rate, what = Rate(int(still.sum()), len(still)), []
    if "adversarial" in found.curved:
        what.append("the losses under attack are not compared")
    if found.scattered:
        what.append("how perturbations turn is told of the others")
    return (
        f"The {name} model's gradient is zero at {rate} of the pictures, which stay random starts: {', '.join(what)}."
    )


def _in_ball(name: str, ball: Ball, loss: str) -> str:
    first, one, worst = float(ball.losses[0]), float(ball.losses[1]), float(ball.losses.max())
    return (
        f"Within a ball of {100 * ball.share:g} % of the length of all weights the {name} model's {loss} rises from "
        f"{first:.3g} to {worst:.3g} or more; the one step that sharpness-aware minimisation takes reaches {one:.3g}."
    )


def _scatters(found: Curvatures, setting: Setting) -> list[str]:
    """Return how far perturbations turn."""
    lines = []
    for name, one in zip(setting.names, found.scattered.values(), strict=False):
        turned = one.scattering
        moved, other = after(one, 0), again(one)
        if one.still.all():  # told where the models are compared
            continue
        if moved is None or other is None:
            lines.append(f"On the {name} model too few perturbations have a length to say how they turn.")
            continue
        lines.append(
            f"When weights move by {100 * turned.sizes[0]:g} % of each filter's length, the perturbations on the "
            f"{name} model keep a cosine of {moved}; from another random start on the same weights it is "
            f"{other.value:.3g}.{_by_signs(one)}"
        )
    return lines


def _by_signs(one: Scattered) -> str:
    """Return the same of the perturbations' signs, which is what an attack in linf steps along."""
    turned = one.scattering
    before, again_ = (
        known_mean(np.where(one.still, np.nan, values))
        for values in (turned.signs[0].mean(0, dtype=np.float64), turned.signs_again)
    )
    if before is None or again_ is None:
        return ""
    return f" Of their signs alone these are {before.value:.3g} and {again_.value:.3g}."


def _more(one: str, other: str, difference: Mean, size: float) -> str:
    """Return on which model perturbations turn more after a move of `size` percent, if the interval tells."""
    low, high = difference.interval
    start = f"When weights move by {size:g} %, perturbations on"
    if low <= 0 <= high:
        return f"{start} neither model turn more than on the other, as far as n = {difference.n:,} pictures tell."
    more, less = (one, other) if difference.value < 0 else (other, one)
    low, high = sorted((abs(low), abs(high)))
    return (
        f"{start} the {more} model turn more than those on the {less} model: picture by picture the cosine is lower "
        f"by {abs(difference.value):.3g} (n = {difference.n:,}, 95 % interval {low:.3g} to {high:.3g})."
    )


def _steep(found: Curvatures, setting: Setting) -> list[str]:
    lines = []
    for name, one in zip(setting.names, found.scattered.values(), strict=False):
        steep = one.steepness
        some = ~one.still & np.isfinite(steep.pictures) & np.isfinite(steep.chance)
        if not some.any():
            continue
        median, chance = Median.of(steep.pictures[some]), Median.of(steep.chance[some])
        lines.append(
            f"From a picture to its attacked one the gradient in the {name} model's weights changes by {median} for "
            f"each unit of ℓ2, in the median; to a random picture as far away by {chance.value:.2g}. These are lower "
            "bounds of local Lipschitz constants, as is what the gradient of the mean loss changes by for each "
            f"unit by which the weights move, {steep.radius:.3g} away from the trained ones: {steep.weights.max():.3g}."
        )
    return lines


def _limits(found: Curvatures, setting: Setting) -> str:
    attack = f" Attacks keep to {setting.eps_text} in {setting.symbol}, with {amount(found.steps, 'step')}."
    under = "adversarial" in found.curved or found.scattered
    bars = (
        " Error bars of eigenvalues and traces are those of the computation on these pictures, and say nothing of "
        "others. What rises in a ball is the highest loss found: the true one is at least that."
    )
    cosines = ""
    if found.scattered:
        ways = next(iter(found.scattered.values())).scattering.cosines.shape[1]
        cosines = (
            f" Cosines are means over pictures, of each its mean over {amount(ways, 'random direction')} of the "
            "weights; intervals are over pictures, given these directions."
        )
    return (
        f"Made of the first {amount(found.n, 'test picture')}.{bars if found.curved else ''}{attack if under else ''}"
        f"{cosines} Batch norm counts with its kept statistics."
    )
