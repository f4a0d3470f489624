"""Trainings that are compared: told, as a table, as code."""

import csv
from collections.abc import Iterator
from io import StringIO
from math import isnan
from typing import Any

import numpy as np

from explorer.core.arms import limited
from explorer.core.results import Experiment, Trials
from explorer.core.stats import Mean
from explorer.core.words import minus
from explorer.figures.claims import verdict

SNIPPET = '''"""A study of trainings, read from its records: its claims, and the figures of each kind."""

from explorer import run

study = run({address})
for claim in study.claims:
    verdict = {{True: "holds here", False: "does not hold here", None: "open"}}[claim.holds]
    print(f"{{claim.says}} {{verdict}}\\n  {{claim.found}}\\n  {{claim.paper}}")
for one in study.trials:
    for key, words in study.units.items():
        print(f"{{one.title}}, {{words}}: {{one.figures[key]}}")
'''

COUNTED = ("zeros", "empty", "by_chance")  # shares that are no rates of trials: their interval is Student's
SIGNED = ("gap", "fall")  # differences of shares
SHARES = ("clean", "fgsm", "pgd", "apgd", "certified", "path", "product", "fitted", *COUNTED, *SIGNED)  # in percent


def mean_of(one: Trials, key: str) -> Mean | None:
    """Return the mean of a figure over the seeds; None where one has no such figure."""
    values = one.figures[key]
    if np.isnan(values).any():
        return None
    if key in COUNTED:
        mean = Mean.of(values)
        return Mean(mean.value, mean.n, (max(mean.interval[0], 0.0), min(mean.interval[1], 1.0)))
    if key in SIGNED:
        return Mean.of(values)
    return Mean.of_shares(values) if key in SHARES else limited(values)


def cell(one: Trials, key: str) -> str:
    """Return a figure for a table: its mean with the 95 % interval over the seeds, "" where there is none."""
    mean = mean_of(one, key)
    if mean is None:
        return ""
    return mean.share if key in SHARES else f"{mean.value:.3g} ({mean.interval[0]:.3g} to {mean.interval[1]:.3g})"


def told(found: Experiment) -> list[str]:
    """Return each claim with its verdict and what was measured, then how it was made."""
    lines = [f"{claim.says} {verdict(claim)}. {claim.found} ({claim.paper})" for claim in found.claims]
    return [minus(line) for line in [*lines, made(found)]]


def made(found: Experiment) -> str:
    """Return how the numbers came about."""
    count, spent = sum(len(one.seeds) for one in found.trials), sum(float(one.seconds.sum()) for one in found.trials)
    some = sorted({len(one.seeds) for one in found.trials})
    return (
        f"Read from the records of {count} trainings, {'–'.join(map(str, some))} seeds of each kind, which took "
        f"{spent / 60:.0f} minutes on a busy core; nothing is computed here. They are made anew by “{found.again}”. A "
        "mean over seeds has its 95 % interval by Student's t."
    )


def snippet(address: str) -> str:
    """Return Python that reads the study of an address again by the public interface and prints it."""
    return SNIPPET.format(address=ascii(address))


def table(found: Experiment) -> bytes:
    """Return every training's figures and history, and every mean with n and interval, as CSV (RFC 4180)."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found))
    return out.getvalue().encode()


def _rows(found: Experiment) -> Iterator[tuple[Any, ...]]:
    yield "kind", "what", "epoch", "seed", "value", "low", "high", "n"
    for one in found.trials:
        for key, words in found.units.items():
            for seed, value in zip(one.seeds, one.figures[key].tolist(), strict=True):
                yield one.title, words, "", seed, "" if isnan(value) else value, "", "", 1
            if mean := mean_of(one, key):
                yield one.title, words, "", "mean", mean.value, *mean.interval, mean.n
        for key, values in one.history.items():
            for seed, row in zip(one.seeds, values.tolist(), strict=True):
                for epoch, value in enumerate(row, 1):
                    yield one.title, key, epoch, seed, "" if isnan(value) else value, "", "", 1
