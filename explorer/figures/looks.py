"""What leaves the view of maps besides its picture: a table of all numbers, the code that makes them again."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Looks, Refused
from explorer.figures.sight import Sight

SNIPPET = '''"""The maps of one picture on two models, computed again from their address."""

from explorer import run

for method, look in run({address}).methods.items():
    for model, found in (("A", look.a), ("B", look.b)):
        if hasattr(found, "sentence"):
            print(f"{{method}}, model {{model}}: {{found.sentence}}")
        else:
            print(f"{{method}}, model {{model}}: {{found.maps[0].shape}}, sum {{found.maps.sum():.4f}}")
'''


def snippet(address: str) -> str:
    """Return Python that computes the maps of an address again by the public interface and prints their sums."""
    return SNIPPET.format(address=ascii(address))


def table(looks: Looks, sight: Sight) -> bytes:
    """Return every value of the maps as CSV (RFC 4180): method, model, channel, row, column, value."""
    out = StringIO()
    csv.writer(out).writerows(_rows(looks, sight))
    return out.getvalue().encode()


def _rows(looks: Looks, sight: Sight) -> Iterator[tuple[Any, ...]]:
    yield "method", "model", "channel", "row", "column", "value"
    for method, look in looks.methods.items():
        for name, found in zip(sight.setting.names, (look.a, look.b), strict=True):
            if isinstance(found, Refused):
                yield method, name, "", "", "", found.sentence
                continue
            values = found.maps[0].reshape(-1, 1, 1) if found.maps.ndim == 2 else found.maps[0]
            for place in np.ndindex(values.shape):
                yield method, name, *place, float(values[place])
