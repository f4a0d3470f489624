"""What lies in balls around pictures, in numbers: shares with their intervals, sentences, a table, the code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Array, Inside, Insides, Judged, up_to
from explorer.core.stats import Mean, Pooled, Rate
from explorer.core.words import amount
from explorer.figures.setting import Setting

SNIPPET = '''"""What is wrong in balls around pictures, and what an attack breaks there, from an address."""

from explorer import run

found = run({address})
for model, inside in found.models.items():
    for radius, wrong in zip(inside.radii, inside.changed.mean(0) / inside.count):
        print(f"{{model}}, radius {{radius:.4g}}: {{wrong:.2%}} of the points are wrong")
        if model in found.judged:
            print(f"  {{(~found.judged[model].standing(radius)).mean():.2%}} of the pictures are broken by the attack")
'''


def snippet(address: str) -> str:
    """Return Python that computes the shares of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def points(found: Inside, j: int) -> Rate | Pooled:
    """Return the share of wrong points in the balls of a radius: of one picture's, or of the pictures' shares the mean.

    The points of one picture are independent of each other, those of many are not: pictures are.
    """
    if len(found.labels) == 1:
        return Rate(int(found.changed[0, j]), found.count)
    return Pooled.of(found.changed[:, j] / found.count)


def broken(judged: Judged, radius: float) -> Rate:
    """Return the share of pictures that the attack breaks within a radius, those wrong by themselves among them."""
    return Rate(int((~judged.standing(radius)).sum()), len(judged.radius))


def place(found: Inside, setting: Setting) -> int | None:
    """Return which of the radii is the budget; None of a budget of 0."""
    near = np.flatnonzero(np.isclose(found.radii, setting.budget))
    return int(near[0]) if len(near) else None


def told(result: Insides, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return what was found of each model, and of the two, a sentence each."""
    names = dict(zip(result.models, setting.names, strict=False))
    say = _one if result.one else _many
    lines = [
        line
        for model, found in result.models.items()
        for line in say(names[model], found, result.judged.get(model), setting)
    ]
    if setting.limits:
        lines.append(f"The chosen attack keeps to {setting.limits}, so there is no radius to set beside the points'.")
    elif not result.judged:
        lines.append("The attack on the same pictures is not there yet.")
    return lines + (list(_between(result, names, setting)) if len(names) == 2 and not result.one else [])


def _one(name: str, found: Inside, judged: Judged | None, setting: Setting) -> Iterator[str]:
    """Yield what was found around one picture."""
    j, own = place(found, setting), setting.classes[int(found.labels[0])]
    if j is not None:
        yield (
            f"The {name} model: of the points drawn from the ball of the budget, {setting.eps_text} in "
            f"{setting.symbol}, {points(found, j)} are not '{own}'."
        )
    half = np.flatnonzero(found.changed[0] * 2 >= found.count)
    first = (
        f"from radius {setting.counted(float(found.radii[half[0]]))} on (of those tried)"
        if len(half)
        else "at no radius tried"
    )
    if judged is None:
        yield f"Half of the points are wrong {first}."
        return
    radius = float(judged.radius[0])
    if radius == 0:
        yield f"The {name} model is wrong about the picture itself; half of the points are wrong {first}."
    elif not np.isfinite(radius):
        yield f"The attack on the {name} model finds nothing at any radius tried; half of the points are wrong {first}."
    else:
        times = f", {found.radii[half[0]] / radius:.3g} times as far" if len(half) else ""
        yield (
            f"The attack on the {name} model finds a wrong point within {setting.counted(radius)}; half of the points "
            f"are wrong {first}{times}."
        )


def _many(name: str, found: Inside, judged: Judged | None, setting: Setting) -> Iterator[str]:
    """Yield what was found around many pictures."""
    j, n = place(found, setting), len(found.labels)
    if j is None:
        return
    drawn = f"of {found.count} points drawn from each ball of the budget, {setting.eps_text} in {setting.symbol}, "
    yield f"The {name} model: {drawn}{points(found, j)} are wrong, the mean over the pictures."
    if judged is None:
        return
    under = ~judged.standing(setting.budget)
    rate = broken(judged, setting.budget)
    wrong = int((judged.radius == 0).sum())
    yield (
        f"The attack on the {name} model breaks {rate} of them within the budget, {wrong} of them wrong by themselves"
        f"{_until(found, rate.value, setting)}."
    )
    fell = under & (judged.radius > 0)
    if fell.any():
        missed = Rate(int((found.changed[fell, j] == 0).sum()), int(fell.sum()))
        yield (
            f"Of {amount(int(fell.sum()), 'picture')} that the attack on the {name} model breaks and that it is right "
            f"about, {missed} show no wrong point among {found.count}: drawing points would have passed them."
        )
    stood = ~under & (found.changed[:, j] > 0)
    if stood.any():
        yield (
            f"In {stood.sum()} of {n} balls the {name} model is wrong at a drawn point although the attack found none: "
            "there the attack is too weak."
        )


def _until(found: Inside, share: float, setting: Setting) -> str:
    """Return the first radius at which a share of the points is wrong, in words; nothing of a share of 0."""
    if share == 0:
        return ""
    means = found.changed.mean(0) / found.count
    first = np.flatnonzero(means >= share)
    if not len(first):
        return "; that many points are wrong at no radius tried"
    radius = float(found.radii[first[0]])
    only = "only " if radius > up_to(setting.budget) else ""
    where = f"{setting.counted(radius)} on, {radius / setting.budget:.3g} times the budget"
    return f"; that many points are wrong {only}from radius {where}"


def _between(result: Insides, names: Mapping[str, str], setting: Setting) -> Iterator[str]:
    """Yield whether drawn points tell the models apart, and whether the attack does."""
    (a, first), (b, second) = result.models.items()
    j = place(first, setting)
    if j is None:
        return
    gap = (second.changed[:, j] - first.changed[:, j]) / first.count
    yield f"Wrong points in the budget, {names[b]} less {names[a]}, picture by picture: {_gap(gap)}."
    if len(result.judged) == 2:
        one, two = (~result.judged[model].standing(setting.budget) for model in (a, b))
        yield f"Pictures that the attack breaks, {names[b]} less {names[a]}: {_gap(two.astype(float) - one)}."


def _gap(values: Array) -> str:
    if (values == values[0]).all():
        return f"{100 * float(values[0]):.3g} percentage points on every one of {amount(len(values), 'picture')}"
    mean = Mean.of(values)
    low, high = mean.interval
    verdict = "too little to tell them apart" if low <= 0 <= high else "they are apart"
    interval = f"95 % interval {100 * low:.3g} to {100 * high:.3g}"
    return f"{100 * mean.value:.3g} percentage points (n = {mean.n:,}, {interval}): {verdict}"


def table(result: Insides) -> bytes:
    """Return every count as CSV (RFC 4180): a row for each model, picture and radius."""
    out = StringIO()
    csv.writer(out).writerows(_rows(result))
    return out.getvalue().encode()


def _rows(result: Insides) -> Iterator[tuple[Any, ...]]:
    points = ("points", "wrong points", "broken by the attack")
    yield "model", "picture", "class", "norm", "radius (values 0 to 1)", *points
    for model, found in result.models.items():
        judged = result.judged.get(model)
        for i, j in np.ndindex(found.changed.shape):
            fell = "" if judged is None else bool(judged.radius[i] <= up_to(found.radii[j]))
            radius = float(found.radii[j])
            who = (model, int(result.places[i]), int(found.labels[i]), found.norm, radius)
            yield *who, found.count, int(found.changed[i, j]), fell
