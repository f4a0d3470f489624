"""Two trainings in words, as a table, as code."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

from explorer.core.results import Pair, Stretched
from explorer.core.stats import Rate
from explorer.core.words import amount, minus
from explorer.figures.courses import Line
from explorer.figures.setting import Setting

SNIPPET = '''"""Two trainings, made again from their address: the accuracies after each epoch."""

from explorer import run

found = run({address})
for recipe, stretches in zip(found.recipes, found.both):
    history = stretches[-1].history
    for epoch, clean, robust in zip(history["epoch"], history["test_clean"], history["test_robust"]):
        print(f"{{recipe}}, epoch {{epoch:.0f}}: clean {{clean:.1%}}, PGD-10 {{robust:.1%}}")
'''
SECOND = 60  # from so many seconds on, minutes are told


def lines(found: Pair, titles: Mapping[str, str]) -> list[Line | None]:
    """Return both trainings as they are drawn; titles : of the recipes, by name."""
    return [_line(titles[recipe], stretches) for recipe, stretches in zip(found.recipes, found.both, strict=True)]


def _line(name: str, stretches: Sequence[Stretched]) -> Line | None:
    if not stretches:
        return None
    last = stretches[-1]
    planes = [(len(one.history["epoch"]), one.plane) for one in stretches if one.plane is not None]
    return Line(name, last.history, last.epochs, last.watched, last.seconds, planes)


def told(two: Sequence[Line | None], setting: Setting) -> list[str]:
    """Return where each training stands, in a few sentences, and which stands against one step alone."""
    lines = [_stands(line, setting) for line in two if line is not None]
    return [minus(line) for line in lines]


def _stands(line: Line, setting: Setting) -> str:
    history, n = line.history, line.watched
    epoch = int(history["epoch"][-1])
    clean, robust = (Rate(round(float(history[f"test_{kind}"][-1]) * n), n) for kind in ("clean", "robust"))
    spent = f", {_time(line.seconds)}" if line.seconds else ""
    text = (
        f"{line.name}, after {epoch} of {line.epochs} epochs{spent}: accuracy on test pictures {clean}, "
        f"under PGD-10 at {line.allowed or setting.allowed} {robust}."
    )
    gap = float(history["train_robust"][-1] - history["test_robust"][-1])
    if points := round(abs(gap) * 100):
        text += f" Under attack, training pictures are {amount(points, 'point')} {'ahead' if gap > 0 else 'behind'}"
        seen = Rate(round(float(history["train_robust"][-1]) * n), n)
        text += ", which may be chance." if _may_be_one(seen, robust) else "."
    if "test_fgsm" in history:
        one = Rate(round(float(history["test_fgsm"][-1]) * n), n)
        if one.interval[0] > robust.interval[1] + 0.2:
            text += f" It stands against one step ({one}) far more often than against ten: trained by one, it has "
            text += "overfitted to it."
    return text


def _may_be_one(a: Rate, b: Rate) -> bool:
    """Return whether the 95 % interval of two rates' difference has 0 in it (Newcombe 1998, method 10)."""
    high, low = (a, b) if a.value > b.value else (b, a)
    return (high.value - low.value) ** 2 <= (high.value - high.interval[0]) ** 2 + (low.interval[1] - low.value) ** 2


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < SECOND else f"{seconds / 60:.1f} min"


def table(two: Sequence[Line | None]) -> bytes:
    """Return both histories as CSV: a row for each epoch of each side."""
    out = StringIO()
    names = list(dict.fromkeys(name for line in two if line is not None for name in line.history))
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["side", "recipe", *names])
    for side, line in zip("AB", two, strict=True):
        if line is None:
            continue
        for at in range(len(line.history["epoch"])):
            values = [line.history[name][at] if name in line.history else "" for name in names]
            rows.writerow([side, line.name, *values])
    return out.getvalue().encode()


def snippet(address: str) -> str:
    """Return Python that trains both again."""
    return SNIPPET.format(address=repr(address))
