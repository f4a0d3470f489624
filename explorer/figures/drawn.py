"""What leaves the view of drawings besides its picture: a table of all numbers, the code that makes them again."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from explorer.core.results import Array, Drawings, Refused, Versions
from explorer.figures.looks import rows_of
from explorer.figures.sight import Sight

SNIPPET = '''"""What two models draw, computed again from its address."""

from explorer import run

found = run({address})
for drawings in (found.robust, found.relabelled) if hasattr(found, "robust") else (found,):
    for model, drawn in (("A", drawings.a), ("B", drawings.b)):
        if hasattr(drawn, "sentence"):
            print(f"{{drawings.what}}, model {{model}}: {{drawn.sentence}}")
        else:
            print(f"{{drawings.what}}, model {{model}}: {{drawn.x.shape}}, {{drawn.before}} -> {{drawn.after}}")
'''


def snippet(address: str) -> str:
    """Return Python that draws an address again by the public interface and prints what was reached."""
    return SNIPPET.format(address=ascii(address))


def table(found: Drawings | Versions, sight: Sight) -> bytes:
    """Return every number as CSV (RFC 4180): drawings, model, drawing, quantity, class or place, value."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("drawings", "model", "drawing", "quantity", "class or place", "value"))
    for name, drawings in _parts(found).items():
        writer.writerows((name, *row) for row in _rows(drawings, sight))
    return out.getvalue().encode()


def _parts(found: Drawings | Versions) -> dict[str, Drawings]:
    if isinstance(found, Versions):
        return {"robust version": found.robust, "non-robust version": found.relabelled}
    return {found.what: found}


def _rows(found: Drawings, sight: Sight) -> Iterator[tuple[Any, ...]]:
    names, classes = sight.setting.names, sight.setting.classes
    yield "", "", "budget l2", "", found.eps
    yield "", "", "step l2", "", found.step
    yield "", "", "steps", "", found.steps
    for j, x in enumerate(found.start):
        yield from (("start", j, "pixel", place, value) for place, value in _pixels(x))
    for i, (drawn, other) in enumerate(((found.a, found.other_b), (found.b, found.other_a))):
        if isinstance(drawn, Refused) or other is None:
            yield names[i], "", "refused", "", drawn.sentence if isinstance(drawn, Refused) else ""
            continue
        for j, x in enumerate(drawn.x):
            for quantity in ("sought", "before", "after", "distance"):
                yield names[i], j, quantity, "", getattr(drawn, quantity)[j].item()
            said = {"logit at the start": drawn.logits_start, "logit": drawn.logits, "logit of the other model": other}
            for quantity, logits in said.items():
                yield from ((names[i], j, quantity, *pair) for pair in zip(classes, logits[j].tolist(), strict=True))
            yield from ((names[i], j, "pixel", place, value) for place, value in _pixels(x))


def _pixels(x: Array) -> Iterator[tuple[str, float]]:
    """Yield each value of a picture under its channel, row and column."""
    return ((" ".join(map(str, place)), value) for place, value in rows_of(x))
