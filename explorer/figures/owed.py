"""What models owe to silhouette and cue, in numbers and plain sentences, each with its n and interval."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from explorer.core.results import Accounts, Array, Ledger, Refused, Shares
from explorer.core.stats import Mean, Rate
from explorer.core.words import number
from explorer.figures.sight import Sight

WORLDS = {  # the picture with parts of it taken away: the field of `Accounts`, in words
    "both": "as it is",
    "silhouette": "cue removed",
    "swapped": "cue swapped",
    "cue": "silhouette removed",
    "neither": "both removed",
}
FEATURES = {"cue": "the cue", "silhouette": "the silhouette"}
SNIPPET = '''"""What two models owe to silhouette and cue, computed again from an address."""

from explorer import run
from explorer.core.stats import Mean

ledger = run({address})
for name, found in ledger.accounts.items():
    print(f"{{name}}: margin {{Mean.of(found.both)}}")
    print(f"  with the cue swapped {{Mean.of(found.swapped)}}, with the silhouette removed {{Mean.of(found.cue)}}")
    print(f"  of it owed to the cue {{Mean.of_ratio(found.owed_to_cue, found.whole)}}")
'''


def owed(found: Accounts, feature: str) -> Mean | None:
    """Return the share of the margin that is owed to a feature; None where the two give no margin to be shared."""
    if not Mean.of(found.whole).interval[0] > 0:
        return None
    return Mean.of_ratio(found.owed_to_cue if feature == "cue" else found.owed_to_silhouette, found.whole)


def lies(found: Shares) -> dict[str, tuple[Mean, float | None]]:
    """Return the mean shares of the maps that have a mass, in words, with the share that a flat map has.

    Empty where fewer than two maps have one. The share along the cue is there for maps that tell the channels apart.
    """
    rows = found.mass > 0
    if rows.sum() < 2:
        return {}

    def mean(values: Array) -> float:
        return float(values[rows].mean())

    known: dict[str, tuple[Mean, float | None]] = {
        "on the silhouette": (Mean.of(found.silhouette[rows]), mean(found.area)),
        "on the pixels that carry the cue": (Mean.of(found.field[rows]), mean(found.field_area)),
    }
    if found.cue is not None:
        known["along the cue's pattern"] = (Mean.of(found.cue[rows]), None)
    return known


def told(ledger: Ledger, sight: Sight) -> list[str]:
    """Return what each model owes, whether the two differ, and where the maps lie, a sentence each."""
    names = dict(zip(ledger.accounts, sight.setting.names, strict=False))
    found = [_account(names[model], one) for model, one in ledger.accounts.items()]
    found += [_compared(ledger, names)] if len(names) == 2 else []
    return found + [_mapped(names[model], one, sight) for model, one in ledger.shares.items()]


def _account(name: str, found: Accounts) -> str:
    n = len(found.labels)
    right = {world: f"{Rate(int((getattr(found, world) > 0).sum()), n).value:.1%}" for world in WORLDS}
    cue, silhouette = owed(found, "cue"), owed(found, "silhouette")
    share = "silhouette and cue give it no margin that could be shared out"
    if cue is not None and silhouette is not None:
        share = f"of the margin that silhouette and cue give it {cue.share} is owed to the cue, "
        share += f"{silhouette.share} to the silhouette"
    return (
        f"The {name} model, n = {n:,}: {share}. It is right on {right['both']} of the pictures, on "
        f"{right['silhouette']} with the cue removed, {right['swapped']} with it swapped for another class's, "
        f"{right['cue']} with the silhouette removed."
    )


def _compared(ledger: Ledger, names: dict[str, str]) -> str:
    """Return whether the models' shares differ, and whether as the theory says of a standard and a robust one."""
    (a, one), (b, two) = ((names[model], owed(found, "cue")) for model, found in ledger.accounts.items())
    if one is None or two is None:
        return "There is nothing to compare: one of them has no margin that could be shared out."
    if one.interval[0] <= two.interval[1] and two.interval[0] <= one.interval[1]:
        verdict = "The two intervals overlap: these pictures do not tell which model leans on the cue more."
        return verdict + (" The theory says that a standard model does." if {a, b} == {"standard", "robust"} else "")
    more = a if one.value > two.value else b
    less = b if more == a else a
    verdict = f"The two intervals are apart: the {more} model leans on the cue more than the {less} model"
    if {a, b} != {"standard", "robust"}:
        return verdict + "."
    if more == "standard":
        return verdict + ", as the theory of non-robust features says (Ilyas et al. 2019)."
    return verdict + ": not what the theory of non-robust features says (Ilyas et al. 2019)."


def _mapped(name: str, found: Shares | Refused, sight: Sight) -> str:
    title = f"{sight.title}, {name} model"
    if isinstance(found, Refused):
        return f"{title}: {found.sentence}"
    rows = lies(found)
    empty = int((found.mass == 0).sum())
    left = f" {empty} maps are zero everywhere and left out." if empty else ""
    if not rows:
        return f"{title}: the maps are zero everywhere."
    parts = []
    for words, (mean, flat) in rows.items():
        beside = f", where a flat map has {flat:.1%}" if flat is not None else ""
        parts.append(f"{mean.share} {words}{beside}")
    n = len(found.mass) - empty
    return f"{title}, n = {n:,} maps: of their mass lie {'; '.join(parts)}.{left}"


def snippet(address: str) -> str:
    """Return Python that computes the accounts of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(ledger: Ledger) -> bytes:
    """Return every number of the accounts as CSV (RFC 4180): a row for each picture and model."""
    out = StringIO()
    csv.writer(out).writerows(_rows(ledger))
    return out.getvalue().encode()


def _rows(ledger: Ledger) -> Iterator[tuple[Any, ...]]:
    places = ("silhouette", "field", "cue")
    yield (
        *("model", "picture", "true class", "covered"),
        *(f"margin, {words}" for words in WORLDS.values()),
        *(f"map's share, {place}" for place in places),
    )
    for model, found in ledger.accounts.items():
        shares = ledger.shares.get(model)
        for i in range(len(found.labels)):
            margins = [float(getattr(found, world)[i]) for world in WORLDS]
            lie = [_at(shares, place, i) for place in places]
            yield model, found.start + i, int(found.labels[i]), int(found.occluded[i]), *margins, *lie


def _at(found: Shares | Refused | None, place: str, i: int) -> float | str:
    values = None if found is None or isinstance(found, Refused) else getattr(found, place)
    return "" if values is None or i >= len(values) else float(values[i])


def margin_text(mean: Mean) -> str:
    """Return a mean margin and its interval for people."""
    low, high = (number(value) for value in mean.interval)
    return f"{number(mean.value)} ({low} to {high})"
