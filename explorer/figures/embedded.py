"""The Embedding page in numbers, measured in the space and not in the map: sentences, a table, the code."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Array, Embedded, Embedding, Refused, Space, Steps
from explorer.core.stats import Mean, Median, Rate
from explorer.core.words import amount, minus
from explorer.figures.outlook import Outlook

SNIPPET = '''"""Pictures in two models' feature spaces, clean and attacked, computed again from an address."""

from explorer import run
from explorer.core.stats import Mean, Median

found = run({address})
for name, half in (("A", found.a), ("B", found.b)):
    space = half.space
    print(f"model {{name}}: features move by {{Median.of(space.ratio)}} mean distances between two classes (median)")
    print(f"  neighbours of the same label, clean: {{Mean.of_shares(space.agree)}}")
    print(f"  neighbours of the same label, attacked: {{Mean.of_shares(space.agree_adv)}}")
'''


def snippet(address: str) -> str:
    """Return Python that computes a view's numbers again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def halves(found: Embedding, outlook: Outlook) -> list[tuple[str, Embedded]]:
    """Return the models with what to call them."""
    return list(zip(outlook.setting.names, (found.a, found.b), strict=True))


def told(found: Embedding, outlook: Outlook) -> list[str]:
    """Return what the map is, what was measured of each model, and how the two compare, a sentence or two each."""
    two = halves(found, outlook)
    known = [(name, half.space) for name, half in two if isinstance(half.space, Space)]
    lines = _mapped(found, two, outlook) if known and found.projection else []
    lines += [_measured(name, half.space, outlook) for name, half in two]
    if len(known) == 2 and known[0][0] != known[1][0]:
        lines += [_moves(known, outlook), _stands(known, outlook)]
    return [minus(line) for line in (*lines, *(_way(name, half, outlook) for name, half in two)) if line]


def _mapped(found: Embedding, two: Sequence[tuple[str, Embedded]], outlook: Outlook) -> list[str]:
    placed = [(name, half.space, half.placed) for name, half in two if isinstance(half.space, Space) and half.placed]
    kept = [f"{Mean.of_shares(one.faithful).share} ({name})" for name, _, one in placed]
    k, n = placed[0][1].neighbours, len(placed[0][1].labels)
    close = (
        f"Of a {outlook.thing}'s {k} nearest neighbours in the space of {outlook.space}s the map has "
        f"{' and '.join(kept)} among its {k} nearest (n = {n:,}): who is close in the map need not be so in the space."
    )
    if found.projection == "umap":
        return [
            f"UMAP with {outlook.tuned}, begun with the principal axes and fitted on the clean {outlook.thing}s; "
            "attacked ones are placed by the same map, between the clean ones that they are near to. Its lengths, gaps "
            "and sizes of groups mean nothing.",
            close,
        ]
    held = [f"{float(one.explained.sum()):.0%} of the variance ({name})" for name, _, one in placed]
    hidden = "; along the others nothing is seen" if max(space.size for _, space, _ in placed) > 2 else ""
    return [f"The two principal axes hold {' and '.join(held)}{hidden}.", close]


def _measured(name: str, space: Space | Refused, outlook: Outlook) -> str:
    if isinstance(space, Refused):
        return f"{name}: {space.sentence}"
    far, n = Median.of(space.ratio), f"n = {len(space.labels):,}"
    before, after, kept = (Mean.of_shares(values).share for values in (space.agree, space.agree_adv, space.kept))
    return (
        f"{name}: under {outlook.attack}, {outlook.setting.allowed}, the {outlook.space}s move by {far} times the "
        f"mean distance between two classes (median). Of the {space.neighbours} nearest clean {outlook.thing}s "
        f"{before} have the same label before the attack, {after} after it; {kept} of them are still the same "
        f"{outlook.thing}s ({n})."
    )


def _moves(known: Sequence[tuple[str, Space]], outlook: Outlook) -> str:
    """Return whose features move farther, picture by picture, where that can be told."""
    (a, first), (b, second) = known
    times = _times(first, second)
    if times is None:
        return f"Too few {outlook.thing}s are moved to tell whose {outlook.space}s move farther."
    low, high = times.interval
    verdict = "less far" if high < 1 else "farther" if low > 1 else "whose move farther is not told"
    return (
        f"{outlook.thing.capitalize()} by {outlook.thing} the same attack moves the {outlook.space}s of {b} {times} "
        f"times as far as those of {a} (median): {verdict}."
    )


def _times(first: Space, second: Space) -> Median | None:
    """Return how many times as far the second's features move as the first's; None where too few move at all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        times = second.ratio / first.ratio
    known = times[~np.isnan(times)]
    return Median.of(known) if len(known) > 1 else None


def _stands(known: Sequence[tuple[str, Space]], outlook: Outlook) -> str:
    """Return whether the model that stands more often is the one whose features move less, where both can be told."""
    rates = [stands(space) for _, space in known]
    low = 0 if rates[0].value < rates[1].value else 1
    high = 1 - low
    times = _times(known[low][1], known[high][1])
    if times is None or rates[low].interval[1] >= rates[high].interval[0]:
        return ""
    right, wrong = (f"about {rates[i]}" for i in (high, low))
    begin = f"{known[high][0]} is right {right} of the attacked {outlook.thing}s, {known[low][0]} {wrong}: "
    if times.interval[1] < 1:
        return begin + "the model that stands more often is the one that moves less, as one expects."
    if times.interval[0] > 1:
        return begin + "otherwise than one expects, the model that stands more often is the one that moves farther."
    return begin + "whose features move farther is not told."


def stands(space: Space) -> Rate:
    """Return how many pictures the model is right about under the attack."""
    return Rate(int((space.said_adv == space.labels).sum()), len(space.labels))


def _way(name: str, half: Embedded, outlook: Outlook) -> str:
    if not isinstance(half.steps, Steps):
        return f"{name}: {half.steps.sentence}" if half.steps and isinstance(half.space, Space) else ""
    classes, steps = outlook.setting.classes, half.steps
    first, last = classes[steps.said[0]], classes[steps.said[-1]]
    turned = np.flatnonzero(steps.said != steps.said[0])
    begin = f"The way of {outlook.picture} on {name}"
    if not len(turned):
        return f"{begin}: it is called '{first}' at every step that is drawn."
    when = "at the end" if turned[0] == len(steps.said) - 1 else f"at step {steps.step[turned[0]]}"
    return f"{begin}: '{first}' becomes '{classes[steps.said[turned[0]]]}' {when}, and is '{last}' in the end."


def table(found: Embedding, outlook: Outlook) -> bytes:
    """Return every number as CSV (RFC 4180): a row for each picture, clean and attacked, and for each step of the way.

    Measured in the space: moved, in mean distances between two classes; the shares of neighbours. Of the map: x, y.
    """
    out = StringIO()
    csv.writer(out).writerows(_rows(found, outlook))
    return out.getvalue().encode()


def _rows(found: Embedding, outlook: Outlook) -> Iterator[tuple[Any, ...]]:
    yield (
        "model", outlook.thing, "moment", "true class", "answer", "margin (-1 to 1)",
        "moved (mean distances between two classes)", "neighbours of the same label (share)",
        "neighbours kept (share)", "x (of the map)", "y (of the map)",
    )  # fmt: skip
    classes = outlook.setting.classes
    for name, half in halves(found, outlook):
        if isinstance(space := half.space, Refused):
            continue
        blank = np.full((len(space.labels), 2), np.nan)
        xy, xy_adv = (half.placed.xy, half.placed.xy_adv) if half.placed else (blank, blank)
        zero, one = np.zeros(len(space.labels)), np.ones(len(space.labels))
        moments: dict[str, tuple[Array, ...]] = {
            "clean": (space.said, space.margin, zero, space.agree, one, xy),
            "attacked": (space.said_adv, space.margin_adv, space.ratio, space.agree_adv, space.kept, xy_adv),
        }
        for moment, (said, *numbers, at) in moments.items():
            for i, (label, answer, *row) in enumerate(zip(space.labels, said, *numbers, strict=True)):
                place = [float(value) if half.placed else "" for value in at[i]]
                yield name, i, moment, classes[label], classes[answer], *map(float, row), *place
        if isinstance(half.steps, Steps):
            for t, answer, at in zip(half.steps.step, half.steps.said, half.steps.xy, strict=True):
                yield name, outlook.index, f"step {t}", "", classes[answer], "", "", "", "", *map(float, at)


def dimensions(space: Space, outlook: Outlook) -> str:
    """Return how many numbers a picture is in a space: "128 features"."""
    return amount(space.size, outlook.space)
