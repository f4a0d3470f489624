"""What leaves the Robustness page besides its picture: a table of all numbers, the code that makes them again."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Evaluation, Honesty, TransferMatrix

SNIPPET = '''"""How many pictures stand under an attack, computed again from its address."""

from explorer import run
from explorer.core.stats import Rate

evaluation = run({address})
for name, judged in evaluation.models.items():
    for eps in (0.0, *evaluation.budgets):
        stands = judged.standing(eps)
        print(f"{{name}} at {{eps:.4f}}: {{Rate(int(stands.sum()), len(stands))}} stand")
'''
WITHIN = '''"""How many pictures stand under an attack with limits of its own, computed again from its address."""

from explorer import run
from explorer.core.stats import Rate

for name, judged in run({address}).models.items():
    for when, said in (("clean", judged.clean), ("under attack", judged.adversarial)):
        print(f"{{name}}, {{when}}: right about {{Rate(int((said == judged.labels).sum()), len(said))}}")
'''
TRANSFER = '''"""Who is right about the pictures made on whom, computed again from an address."""

from explorer import run
from explorer.core.stats import Rate

matrix = run({address})
for made_on, row in matrix.models.items():
    for shown_to, hits in row.items():
        print(f"made on {{made_on}}, shown to {{shown_to}}: right about {{Rate(hits, matrix.n)}}")
'''
HONESTY = '''"""The questions to an evaluation, answered again from its address."""

from explorer import run

for name, answers in run({address}).models.items():
    for question, check in answers.items():
        print(f"{{name}}: {{question}} {{'yes' if check.passed else 'NO'}}. {{check.found}}")
'''


def snippet(address: str, view: str, limits: str = "") -> str:
    """Return Python that computes a view's numbers again by the public interface and prints them.

    limits : those of an attack's own, which knows no budgets
    """
    text = {"transfer": TRANSFER, "honesty": HONESTY}.get(view, WITHIN if limits else SNIPPET)
    return text.format(address=ascii(address))


def table(result: Evaluation | TransferMatrix | Honesty, limits: str = "") -> bytes:
    """Return every number of a view as CSV (RFC 4180): a row for each picture and model, pair of models, or check.

    limits : as of `snippet`: then it says of each picture whether it is broken, by itself or within them
    """
    out = StringIO()
    csv.writer(out).writerows(_rows(result, limits))
    return out.getvalue().encode()


def _rows(result: Evaluation | TransferMatrix | Honesty, limits: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(result, Evaluation):
        last = "broken" if limits else "smallest budget known to break it"
        yield "model", "picture", "true class", "clean", "under attack", last
        for name, judged in result.models.items():
            found = np.where(np.isfinite(judged.radius), "yes", "no") if limits else judged.radius
            columns = (judged.labels, judged.clean, judged.adversarial, found)
            for i, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
                yield name, judged.start + i, *values
    elif isinstance(result, TransferMatrix):
        yield "made on", "shown to", "right", "n"
        for made_on, row in result.models.items():
            for shown_to, hits in row.items():
                yield made_on, shown_to, hits, result.n
    else:
        yield "model", "question", "passed", "found", "meaning"
        for name, answers in result.models.items():
            for question, check in answers.items():
                yield name, question, check.passed, check.found, check.meaning
