"""What leaves the view of slices besides its picture: a table of all numbers, the code that makes them again."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from explorer.core.results import SliceView
from explorer.figures.setting import Setting

SNIPPET = '''"""How much of a plane through input space each class has, computed again from its address."""

import numpy as np

from explorer import run

view = run({address})
for model, found in (("A", view.a), ("B", view.b)):
    labels, counts = np.unique(found.labels, return_counts=True)
    shares = {{int(c): round(n / found.labels.size, 4) for c, n in zip(labels, counts)}}
    print(f"model {{model}}: asked at {{found.asked}} places, shares of the classes {{shares}}")
'''


def snippet(address: str) -> str:
    """Return Python that computes the slices of an address again by the public interface and prints their shares."""
    return SNIPPET.format(address=ascii(address))


def table(view: SliceView, setting: Setting) -> bytes:
    """Return every place of the plane as CSV (RFC 4180), the coordinates in pixel units of the norm."""
    out = StringIO()
    csv.writer(out).writerows(_rows(view, setting))
    return out.getvalue().encode()


def _rows(view: SliceView, setting: Setting) -> Iterator[tuple[Any, ...]]:
    yield "model", "across", "up", "class", "confidence", "margin", "asked"
    for letter, name, found in zip("AB", setting.names, (view.a, view.b), strict=True):
        across, up = found.section.ticks(len(found.labels))
        for row, t in enumerate(up.tolist()):
            for column, s in enumerate(across.tolist()):
                at = row, column
                numbers = float(found.confidence[at]), float(found.margin[at]), int(found.checked[at])
                yield f"{letter} {name}", s, t, setting.classes[int(found.labels[at])], *numbers
