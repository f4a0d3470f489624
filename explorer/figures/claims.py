"""What was published of loss landscapes, held against a study's models: told, as a table, as code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.arms import GUESSING, limited, mean_of, stuck
from explorer.core.results import Arm, Claim, Study
from explorer.core.words import amount, minus
from explorer.figures.setting import Setting

SNIPPET = '''"""Published claims on the loss landscape against a study's models, read from their cards."""

from explorer import run

study = run({address})
for claim in study.claims:
    verdict = {{True: "holds here", False: "does not hold here", None: "open"}}[claim.holds]
    print(f"{{claim.says}} {{verdict}}\\n  {{claim.found}}\\n  {{claim.paper}}")
for arm in study.arms:
    print(f"{{arm.data}}, eps {{arm.eps:g}}, {{arm.way}} at {{arm.rate:g}}: {{arm.figures['eigenvalue']}}")
'''
VERDICTS: Mapping[bool | None, str] = {True: "Holds here", False: "Does not hold here", None: "Open here"}
COURSE = {"loss": "loss under attack", "eigenvalue": "largest eigenvalue"}
FIGURES = {
    "eigenvalue": "largest eigenvalue",
    "slope": "length of the gradient",
    "turn": "cosine of perturbations",
    "again": "cosine of perturbations, other start",
    "robust": "robust accuracy",
    "clean": "clean accuracy",
    "loss": "loss under attack",
    "clean_loss": "clean loss",
}


def verdict(claim: Claim) -> str:
    """Return in words whether a claim holds of these models, and on which data set."""
    return VERDICTS[claim.holds] + (f", on {claim.on}" if claim.on else "")


def known(arm: Arm, key: str) -> bool:
    """Return whether an arm has a figure of each of its models."""
    return key in arm.figures and not bool(np.isnan(arm.figures[key]).any())


def told(found: Study, _setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return each claim with its verdict and what was measured, then how it was made."""
    lines = [f"{claim.says} {verdict(claim)}. {claim.found} ({claim.paper})" for claim in found.claims]
    return [minus(line) for line in [*lines, made(found)]]


def made(found: Study) -> str:
    """Return how the numbers came about."""
    seeds = sorted({len(arm.models) for arm in found.arms})
    count, guess = sum(len(arm.models) for arm in found.arms), sum(map(stuck, found.arms))
    return (
        f"Read from the cards of {amount(count, 'model')}, {'–'.join(map(str, seeds))} seeds of each way to train at "
        f"each budget; nothing is computed here. A mean over seeds has its 95 % interval by Student's t. "
        f"{amount(guess, 'model')} of these {'is' if guess == 1 else 'are'} stuck at the loss of guessing, "
        f"ln 10 = {GUESSING:.2f}."
    )


def snippet(address: str) -> str:
    """Return Python that reads the study of an address again by the public interface and prints its claims."""
    return SNIPPET.format(address=ascii(address))


def table(found: Study) -> bytes:
    """Return every model's numbers, and every mean with n and interval, as CSV (RFC 4180)."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found))
    return out.getvalue().encode()


def _rows(found: Study) -> Iterator[tuple[Any, ...]]:
    ways = "data set", "budget eps", "way", "learning rate"
    yield *ways, "what", "share of training", "model", "value", "low", "high", "n models", "n stuck"
    for arm in found.arms:
        here = arm.data, arm.eps, arm.way, arm.rate
        for key, words in FIGURES.items():
            if not known(arm, key):
                continue
            for name, value in zip(arm.models, arm.figures[key].tolist(), strict=True):
                yield *here, words, 1.0, name, value, "", "", 1, ""
            mean = mean_of(arm, key)
            yield *here, words, 1.0, "mean", mean.value, *mean.interval, mean.n, stuck(arm)
    for course in found.courses:
        here = course.data, course.eps, course.way, course.rate
        for key, words in COURSE.items():
            values = getattr(course, key)
            for k, share in enumerate(course.share.tolist()):
                for name, value in zip(course.models, values[:, k].tolist(), strict=True):
                    yield *here, words, share, name, value, "", "", 1, ""
                mean = limited(values[:, k])
                yield *here, words, share, "mean", mean.value, *mean.interval, mean.n, ""
