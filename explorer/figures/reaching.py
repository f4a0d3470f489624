"""How far the boundary is, in numbers: what counts as a picture's length, sentences, a table, the code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np
from scipy.stats import beta

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array, Distances, Reached, Reaches
from explorer.core.stats import Mean, Median
from explorer.core.words import amount
from explorer.figures.setting import Setting

KINDS = {
    "attack": "attack in ℓ2",
    "attack_linf": "attack in ℓ∞",
    "gradient": "gradient",
    "sign": "its sign",
    "means": "class means",
    "bands": "frequency bands",
    "pixels": "single values",
    "random": "random lines",
}
SEARCH = {"l2": "attack", "linf": "attack_linf"}  # the kind of the shortest change in each norm
SHORTEST = ("attack", "attack_linf")  # of whose ways the shortest counts, whatever is chosen
SNIPPET = '''"""How far the decision boundary is from pictures, computed again from an address."""

import numpy as np

from explorer import run

for model, found in run({address}).models.items():
    for kind, ways in found.kinds.items():
        print(f"{{model}}, {{kind}}: median {{np.median(ways.l2):.4g}} in l2, {{np.median(ways.linf):.4g}} in linf")
    print(f"{{model}}: random lines are {{np.nanmedian(found.times):.3g}} times as long as the attack's way")
'''


def snippet(address: str) -> str:
    """Return Python that computes the distances of an address again by the public interface and prints medians."""
    return SNIPPET.format(address=ascii(address))


def flat(size: int) -> float:
    """Return how many times as far as the nearest point the median random line meets a hyperplane in `size` dimensions.

    One over the median of |u_1|, u uniform on the sphere, whose square has the beta distribution of 1/2 and
    (size - 1)/2; 1.48·sqrt(size) where that is large.
    """
    return float(beta.ppf(0.5, 0.5, (size - 1) / 2) ** -0.5) if size > 1 else 1.0


def ways(found: Distances, norm: str) -> Array:
    """Return the lengths (N, M) in a norm."""
    return found.linf if norm == "linf" else found.l2


def lengths(found: Distances, show: Mapping[str, Any]) -> Array:
    """Return a length for each picture, (N,): of its ways the median or the shortest, as chosen."""
    values = ways(found, show["length"])
    if show["taken"] == "shortest" or found.kind in SHORTEST:
        return np.asarray(values.min(1))
    return np.asarray(np.sort(values, axis=1)[:, values.shape[1] // 2])


def told(result: Reaches, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what was found of each model, and of the two, a sentence each."""
    names = dict(zip(result.models, setting.names, strict=False))
    say = _one if result.one else _many
    found = [line for model, one in result.models.items() for line in say(names[model], one, setting, show)]
    return found + (list(_between(result, names)) if len(names) == 2 else [])


def _one(name: str, found: Reached, setting: Setting, show: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was found of one picture."""
    norm = str(show["length"])
    near, far = found.kinds[SEARCH[norm]], found.kinds["random"]
    said, lines = f"'{setting.classes[int(near.labels[0])]}'", far.l2.shape[1]
    answer = said if found.right[0] else f"{said}, wrongly: the distances are to where that answer changes"
    if not near.crossed.any():
        yield f"The {name} model says {answer}. No change that turns it was found."
    else:
        best = int(ways(near, norm)[0].argmin())
        least, other = setting.counted(float(ways(near, norm)[0, best])), setting.classes[int(near.reached[0, best])]
        change = f"The shortest change found within [0, 1], {least} in {SYMBOLS[norm]}, makes it '{other}'."
        yield f"The {name} model says {answer}. {change}"
    others = [kind for kind in found.kinds if kind not in (SEARCH[norm], "random")]
    parts = [f"{KINDS[kind]} {_shortest(found.kinds[kind], norm, setting)}" for kind in others]
    yield f"The {name} model's shortest ways of other kinds, in {SYMBOLS[norm]}: {'; '.join(parts)}."
    lost = lines - int(far.crossed.sum())
    beyond = f"{amount(lost, 'line')} of {lines} {'does' if lost == 1 else 'do'} not cross within the reach"
    if not found.kinds["attack"].crossed.any():
        yield f"The {name} model, random lines: {beyond}."
        return
    times = Median.of(far.l2[0] / found.kinds["attack"].l2.min())
    yield (
        f"The {name} model's median random line crosses at {_times(times, 'line')} times the attack's way, in ℓ2; "
        f"{beyond}. {_theory(times, far.size)}"
    )


def _many(name: str, found: Reached, setting: Setting, show: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was found of many pictures."""
    norm, n = str(show["length"]), len(found.truth)
    near, far = found.kinds[SEARCH[norm]], found.kinds["random"]
    wrong = int((~found.right).sum())
    least, lines = (_median(Median.of(lengths(one, show)), setting) for one in (near, far))
    yield (
        f"The {name} model, {amount(n, 'picture')} ({wrong} of them misclassified, and counted with the boundary of "
        f"the class that it gives), medians in {SYMBOLS[norm]}: the shortest change {least}, the {show['taken']} "
        f"random line {lines}."
    )
    times = found.times
    known, finite = times[~np.isnan(times)], times[np.isfinite(times)]
    if len(finite) < 2:
        yield f"The {name} model's random lines and attacks cross too seldom to be compared."
        return
    mean = Mean.of(np.log(finite))
    value, low, high = (float(np.exp(end)) for end in (mean.value, *mean.interval))
    geometric = f"the geometric mean is {value:.3g} ({low:.3g} to {high:.3g})"
    if dropped := len(known) - len(finite):
        geometric += f", without {amount(dropped, 'picture')} of which half the lines do not cross"
    if none := n - len(known):
        geometric += f"; of {amount(none, 'picture')} neither lines nor attack cross"
    middle = Median.of(known)
    yield (
        f"The {name} model's median random line crosses at {_times(middle, 'picture')} times the attack's way, in ℓ2; "
        f"{geometric}. {_theory(middle, far.size)}"
    )
    kinds = [(KINDS[kind], int((~one.crossed).sum()), one.crossed.size) for kind, one in found.kinds.items()]
    if lost := [f"{words} {missing:,} of {every:,}" for words, missing, every in kinds if missing]:
        yield f"The {name} model's ways that do not cross within the reach: {'; '.join(lost)}."


def _theory(times: Median, size: int) -> str:
    """Return how a ratio stands to what a flat boundary would give."""
    low, high = times.interval
    says = f"A flat boundary would give {flat(size):.3g} (√d = {size**0.5:.3g}); "
    if high < flat(size):
        return says + (
            "here it is less: the boundary bends towards the picture, lines meet other pieces of it, or the attack, "
            "which unlike lines keeps to [0, 1], has no way as short as theirs."
        )
    if low > flat(size):
        return says + "here it is more: away from its nearest point the boundary bends away from the picture."
    return says + "the interval holds that."


def _between(result: Reaches, names: Mapping[str, str]) -> Iterator[str]:
    """Yield how much further model B's boundary is than model A's, picture by picture."""
    (a, first), (b, second) = result.models.items()
    with np.errstate(invalid="ignore"):
        closer = second.kinds["attack"].l2.min(1) / first.kinds["attack"].l2.min(1)
        further = second.kinds["random"].median / first.kinds["random"].median
        gain = second.times / first.times
    known = [values[~np.isnan(values)] for values in (closer, further, gain)]
    if result.one:
        if np.isfinite([closer[0], further[0]]).all():
            yield (
                f"From this picture the {names[b]} model's boundary is {closer[0]:.3g} times as far as the {names[a]} "
                f"model's along the attack, {further[0]:.3g} times along the median random line, in ℓ2."
            )
        return
    if min(map(len, known)) < 2:
        return
    near, far, ratio = (Median.of(values) for values in known)
    low, high = ratio.interval
    verdict = f"random lines go {'further' if low > 1 else 'less far'} beyond the attack for {names[b]}"
    verdict = "too little to tell" if low <= 1 <= high else verdict
    yield (
        f"Picture by picture, {names[b]} over {names[a]}, in ℓ2, medians: the attack's way {near}, the random line "
        f"{far}, and the one over the other {ratio}: {verdict}."
    )


def _shortest(found: Distances, norm: str, setting: Setting) -> str:
    """Return the shortest of one picture's ways, and how many there are and cross."""
    values = ways(found, norm)[0]
    if not np.isfinite(values).any():
        return "none crosses"
    best = int(values.argmin())
    notes = ["outside of [0, 1]"] if found.outside[0, best] else []
    notes += [f"{int(np.isfinite(values).sum())} of {len(values)} cross"] if len(values) > 1 else []
    return setting.counted(float(values[best])) + (f" ({', '.join(notes)})" if notes else "")


def _median(found: Median, setting: Setting) -> str:
    value, low, high = (
        setting.counted(max(end, 0.0)) if end < np.inf else "beyond the reach" for end in (found.value, *found.interval)
    )
    return f"{value} (95 % interval {low} to {high})"


def _times(found: Median, thing: str) -> str:
    value, low, high = (
        f"{max(end, 0.0):.3g}" if end < np.inf else "more than the reach holds"
        for end in (found.value, *found.interval)
    )
    return f"{value} (95 % interval {low} to {high}, n = {amount(found.n, thing)})"


def table(result: Reaches) -> bytes:
    """Return every distance as CSV (RFC 4180): a row for each model, picture, kind and way; empty: not crossed."""
    out = StringIO()
    csv.writer(out).writerows(_rows(result))
    return out.getvalue().encode()


def _rows(result: Reaches) -> Iterator[tuple[Any, ...]]:
    lengths = ("l2 (values 0 to 1)", "linf (values 0 to 1)")
    yield "model", "picture", "true class", "answer", "kind", "way", *lengths, "class beyond", "outside of the box"
    for model, found in result.models.items():
        for kind, one in found.kinds.items():
            for i, j in np.ndindex(one.l2.shape):
                who = (model, int(found.places[i]), int(found.truth[i]), int(one.labels[i]), kind, j)
                if one.crossed[i, j]:
                    numbers = float(one.l2[i, j]), float(one.linf[i, j]), int(one.reached[i, j])
                    yield *who, *numbers, bool(one.outside[i, j])
                else:
                    yield *who, "", "", "", ""
