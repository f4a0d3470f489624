"""A measure over many pictures, in numbers: means with their intervals, sentences, a table, the code."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import permutations
from typing import Any

import numpy as np

from explorer.core.results import Array, Measured, Measures
from explorer.core.stats import Mean, Rate
from explorer.figures.sight import Sight

GUIDED, GRADIENT = "guided_backprop", "gradient"
SNIPPET = '''"""A measure of maps over many pictures, computed again from its address."""

from explorer import run
from explorer.core.stats import Mean

found = run({address})
for model, methods in found.models.items():
    for method, measured in methods.items():
        for name in found.values:
            print(f"{{model}}, {{method}}, {{found.values[name]}}: {{Mean.of(measured.known(name))}}")
'''


def snippet(address: str) -> str:
    """Return Python that computes a measure again by the public interface and prints its means."""
    return SNIPPET.format(address=ascii(address))


def mean_of(values: Array) -> Mean | None:
    """Return the mean with its interval of the values that are numbers; None of fewer than two."""
    known = values[np.isfinite(values)]
    return Mean.of(known) if len(known) > 1 else None


def standing(result: Measures, model: str) -> Rate | None:
    """Return the share of pictures that stand under the attack; None where that is not there yet."""
    if model not in result.judged:
        return None
    stands = result.judged[model].standing(result.budget)
    return Rate(int(stands.sum()), len(stands))


def told(result: Measures, sight: Sight) -> list[str]:
    """Return what was measured, a line for each model and method, then what that says of the models."""
    found = [
        _line(result, sight, model, method, one)
        for model, methods in result.models.items()
        for method, one in methods.items()
    ]
    found += [f"{who}: {why}" for who, why in result.refused.items()]
    return [line for line in (*found, *_between(result), *_ordered(result), *_randomised(result)) if line]


def _line(result: Measures, sight: Sight, model: str, method: str, one: Measured) -> str:
    who = _who(result, model) + (f", {sight.titles[method]}" if method != GRADIENT or _several(result) else "")
    parts = [f"{words} {mean or 'has no value'}" for words, mean in _means(result, one)]
    rows = len(next(iter(one.values.values())))
    least = min(len(one.known(name)) for name in result.values)
    left = f" {rows - least} of {rows} pictures have no value and are left out." if least < rows else ""
    rate = standing(result, model)
    stands = f" Under {sight.setting.allowed} stand {rate}." if rate else ""
    return f"{who}: {'; '.join(parts)}.{left}{stands}"


def _who(result: Measures, model: str) -> str:
    return "A and B" if result.measure == "agreement" else model


def _several(result: Measures) -> bool:
    return any(len(methods) > 1 for methods in result.models.values())


def _means(result: Measures, one: Measured) -> list[tuple[str, Mean | None]]:
    return [(words, mean_of(one.values[name])) for name, words in result.values.items()]


def _between(result: Measures) -> Iterator[str]:
    """Yield the difference of models A and B, picture by picture, where it is one measure of each."""
    if len(result.known) < 2 or _several(result):
        return
    (a, first), (b, second) = list(result.known.items())[:2]
    name, words = next(iter(result.values.items()))
    one, two = (next(iter(found.values())).values[name] for found in (first, second))
    gap = mean_of(two - one)
    if gap is not None:
        low, high = gap.interval
        verdict = f"more for {b}" if low > 0 else f"more for {a}" if high < 0 else "too little to tell"
        yield f"{b} less {a}, picture by picture, {words}: {gap}: {verdict}."


def _ordered(result: Measures) -> Iterator[str]:
    """Yield whether the models that stand more often are the better aligned, of pairs whose intervals are apart."""
    for name, words in result.values.items():
        known = []
        for model, methods in result.known.items():
            rate, mean = standing(result, model), mean_of(next(iter(methods.values())).values[name])
            if rate is not None and mean is not None:
                known.append((rate.interval, mean.interval))
        pairs = [(low, high) for low, high in permutations(known, 2) if low[0][1] < high[0][0]]
        if len(known) < 2:
            continue
        more = sum(low[1][1] < high[1][0] for low, high in pairs)
        less = sum(high[1][1] < low[1][0] for low, high in pairs)
        yield (
            f"{_pairs(len(pairs))} of these models stand apart under the attack, their intervals not overlapping. Of "
            f"the two, the one that stands more often has the larger {words} in {more}, the smaller in {less}; in "
            f"{len(pairs) - more - less} those intervals overlap."
        )


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"


def _randomised(result: Measures) -> Iterator[str]:
    """Yield whether guided backpropagation hangs less on the upper layers than the gradient does, as published."""
    if result.measure != "randomisation":
        return
    for model, methods in result.models.items():
        if not {GUIDED, GRADIENT} <= set(methods):
            continue
        guided, plain = (mean_of(methods[name].values["half"]) for name in (GUIDED, GRADIENT))
        if guided is None or plain is None:
            continue
        kept = f"{guided.value:.2f} of guided backpropagation's order against {plain.value:.2f} of the gradient's"
        verdict = (
            "as published, it tells less of the upper layers"
            if guided.interval[0] > plain.interval[1]
            else "otherwise than published, it tells more of them"
            if guided.interval[1] < plain.interval[0]
            else "these pictures do not tell which hangs less on them"
        )
        yield f"{model}: with one draw of random weights for the upper half of the layers {kept}: {verdict}."


def table(result: Measures) -> bytes:
    """Return every number as CSV (RFC 4180): model, method, picture, value, place along a curve, number."""
    out = StringIO()
    csv.writer(out).writerows(_rows(result))
    return out.getvalue().encode()


def _rows(result: Measures) -> Iterator[tuple[Any, ...]]:
    yield "model", "method", "picture", "value", "place", "number"
    for model, methods in result.models.items():
        for method, one in methods.items():
            names = list(one.places)
            for name, values in one.values.items():
                for i, row in enumerate(values):
                    for k, number in enumerate(np.atleast_1d(row)):
                        place = "" if values.ndim == 1 else names[k] if names else k
                        yield model, method, one.start + i, name, place, float(number)
