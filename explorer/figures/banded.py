"""Margins by frequency in numbers: medians with their intervals, sentences, a table, the code."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Array, BandMargins, Bands
from explorer.core.stats import Mean, Median, medians, rank_correlations, redrawn
from explorer.core.words import amount
from explorer.figures.setting import Setting

BEYOND = "beyond what was searched"
ADVERSARIAL = frozenset(("pgd", "pas"))  # of recipes; "", trained elsewhere, says nothing
FEW = 3  # bands: in fewer there is no order to compare
SNIPPET = '''"""Margins by frequency of several models, computed again from an address."""

from explorer import run
from explorer.core.stats import Median

found = run({address})
for model, one in found.models.items():
    for band, start in enumerate(one.starts):
        middle = Median.of(one.margins[:, band])
        print(f"{{model}}, frequencies {{start}} to {{start + one.width - 1}}: {{middle}}")
'''


@dataclass(frozen=True, slots=True)
class Profile:
    """How two models' median margins lie over the bands, from low to high, as the pictures were drawn.

    turned : rank correlation of B's with A's the other way round; alike : with A's as they are; leads : `turned` less
    `alike`; None where fewer than three bands are known of both, or one model's are all the same
    spans : of A and B, the largest median over the smallest; flatter : A's over B's
    """

    turned: Mean | None
    alike: Mean | None
    leads: Mean | None
    spans: tuple[Mean, Mean]
    flatter: Mean


def snippet(address: str) -> str:
    """Return Python that computes the margins of an address again by the public interface and prints the medians."""
    return SNIPPET.format(address=ascii(address))


def middles(found: BandMargins) -> list[Median | None]:
    """Return the median of each band's margins with its interval; None of fewer than 2 pictures.

    A search that did not arrive counts as farther than all that did, so that a median may be infinite.
    """
    return [Median.of(values) if len(values) > 1 else None for values in found.margins.T]


def compared(a: BandMargins, b: BandMargins) -> Profile | None:
    """Return how two models' profiles lie to each other, with 95 % intervals by drawing the pictures again.

    The same pictures are drawn of both models. A search that did not arrive counts as farther than all that did; a
    band of which half did not is known of no model. None where no band is known of both.
    """
    n = len(a.labels)
    weights = np.concatenate([np.ones((1, n), np.int64), redrawn(n)])  # the first: as they are
    one, two = (medians(side.margins, weights) for side in (a, b))
    known = np.isfinite(one[0]) & np.isfinite(two[0])
    if not known.any():
        return None
    with np.errstate(invalid="ignore"):
        spans = [side[:, known].max(1) / side[:, known].min(1) for side in (one, two)]
        ratio = spans[0] / spans[1]
    both = known & known[::-1]  # so that turned round it is the same bands
    turned, alike = (rank_correlations(side[:, both], two[:, both]) for side in (one[:, ::-1], one))
    ordered = both.sum() >= FEW and np.isfinite(turned[0]) and np.isfinite(alike[0])
    first, second, flatter = (_over(values, n) for values in (*spans, ratio))
    if not ordered:
        return Profile(None, None, None, (first, second), flatter)
    return Profile(_over(turned, n), _over(alike, n), _over(turned - alike, n), (first, second), flatter)


def _over(values: Array, n: int) -> Mean:
    """Return the first of some values, its interval by the others that are known."""
    return Mean.bootstrapped(float(values[0]), values[1:][~np.isnan(values[1:])], n)


def told(result: Bands, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return where each model's boundary is near and far, then how each other model's profile lies to that of A."""
    (first, a), *others = result.models.items()
    lines = [_line(model, one, result.kinds[model], setting) for model, one in result.models.items()]
    for model, one in others:
        found = compared(a, one)
        if found is not None:
            said = [*_order(found, first, model, result), _flatness(found, first, model, result)]
            lines.append(" ".join([*said, _farther(a, one, first, model)]))
    return lines


def _line(model: str, found: BandMargins, kind: str, setting: Setting) -> str:
    known = {band: middle for band, middle in enumerate(middles(found)) if middle is not None}
    finite = {band: middle for band, middle in known.items() if np.isfinite(middle.value)}
    rows, bands = found.margins.shape
    about = f"{model}{f', pictures with {kind}' if kind else ''}, n = {rows:,}"
    missing = int((~found.converged).sum())
    left = (
        f" {amount(missing, 'search', 'searches')} of {rows * bands:,} did not arrive: those margins count as farther "
        "than what was searched."
        if missing
        else ""
    )
    if not finite:
        return f"{about}: in no band did half of the searches arrive at a boundary.{left}"
    near, far = (pick(known, key=lambda band: known[band].value) for pick in (min, max))
    parts = [
        f"{words} {frequencies(found, band)}: {length(known[band], setting)}"
        for words, band in (("nearest in", near), ("farthest in", far))
    ]
    return f"{about}: median distance to the boundary, {parts[0]}; {parts[1]}.{left}"


def frequencies(found: BandMargins, band: int) -> str:
    """Return a band in words: "frequencies 0 to 7"."""
    start = int(found.starts[band])
    return f"frequencies {start} to {start + found.width - 1}"


def length(middle: Median, setting: Setting) -> str:
    """Return a median length and its interval in the data's own unit."""
    value, low, high = (
        f"{max(one, 0.0) * setting.unit:,.4g}" if one < np.inf else BEYOND for one in (middle.value, *middle.interval)
    )
    unit = f"/{setting.unit}" if middle.value < np.inf else ""
    return f"{value}{unit} (95 % interval {low} to {high})"


def _order(found: Profile, a: str, b: str, result: Bands) -> Iterator[str]:
    """Yield which way B's profile runs beside A's, and whether that is what its training data let expect."""
    if found.turned is None or found.alike is None or found.leads is None:
        return
    low, high = found.leads.interval
    mirrored, same = low > 0 and found.turned.interval[0] > 0, high < 0 and found.alike.interval[0] > 0
    verdict = (
        f"the profile of {b} is the mirror image of that of {a}"
        if mirrored
        else f"the profile of {b} runs as that of {a} does"
        if same
        else f"the profile of {b} is neither clearly like that of {a} nor its mirror image"
    )
    flips = ["flipped" in result.kinds[model] for model in (a, b)]
    expected = ""
    if flips[0] != flips[1]:
        expected = (
            ": as published, margins follow the frequencies of the data, not those that the network likes"
            if mirrored
            else ", other than published for data whose frequencies change places"
            if same
            else ""
        )
    yield (
        f"From low to high, {verdict}{expected}. Rank correlation over the bands with A's turned round "
        f"{_short(found.turned)}, with A's as it stands {_short(found.alike)}."
    )


def _flatness(found: Profile, a: str, b: str, result: Bands) -> str:
    """Return whose margins differ more between bands, and whether that is what the training let expect."""
    low, high = found.flatter.interval
    flatter, steeper = low > 1, high < 1
    verdict = (
        f"{b} is the flatter one"
        if flatter
        else f"{b} is the steeper one"
        if steeper
        else "these pictures do not tell which is flatter"
    )
    robust = result.recipes[b] in ADVERSARIAL and result.recipes[a] == "standard"
    lowpass = "lowpass" in result.kinds[b] and not result.kinds[a]
    expected = ""
    if robust and not lowpass:
        expected = ", as published of adversarial training" if flatter else ""
        expected = ", other than published of adversarial training" if steeper else expected
    elif lowpass and not robust:
        expected = ", as expected: its data hold nothing in high frequencies that it could look at" if steeper else ""
        expected = ", other than expected, as its data hold nothing in high frequencies" if flatter else expected
    first, second = map(_short, found.spans)
    return (
        f"The median of the farthest band over that of the nearest is {first} for {a}, {second} for {b}: "
        f"{verdict}{expected}."
    )


def _farther(one: BandMargins, other: BandMargins, a: str, b: str) -> str:
    """Return in how many bands B's boundary is farther than A's, and nearer."""
    both = [
        (first.interval, second.interval)
        for first, second in zip(middles(one), middles(other), strict=True)
        if first is not None and second is not None
    ]
    more, less = (sum(low[1] < high[0] for low, high in pairs) for pairs in (both, [(h, w) for w, h in both]))
    return (
        f"Of {amount(len(both), 'band')} the median of {b} is the larger one in {more}, the smaller one in {less}; in "
        f"{len(both) - more - less} its interval overlaps that of {a}."
    )


def _short(mean: Mean) -> str:
    low, high = mean.interval
    return f"{mean.value:.2f} (95 % interval {low:.2f} to {f'{high:.2f}' if high < np.inf else '∞'})"


def table(result: Bands) -> bytes:
    """Return every number as CSV (RFC 4180): a row for each model, picture and band; no margin where none was found."""
    out = StringIO()
    csv.writer(out).writerows(_rows(result))
    return out.getvalue().encode()


def _rows(result: Bands) -> Iterator[tuple[Any, ...]]:
    ends = ("lowest frequency", "highest frequency")
    yield "model", "pictures", "picture", "answer", *ends, "margin l2 (values 0 to 1)", "class beyond (-1: none)"
    for model, one in result.models.items():
        for i, row in enumerate(one.margins):
            for band, start in enumerate(one.starts.tolist()):
                margin = float(row[band]) if one.converged[i, band] else ""
                about = model, result.kinds[model] or "as they are", int(result.places[i]), int(one.labels[i])
                yield *about, start, start + one.width - 1, margin, int(one.reached[i, band])
