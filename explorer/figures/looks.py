"""What leaves the view of maps besides its picture: a table of all numbers, the code that makes them again."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Array, Looks, Refused
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
            for place, value in rows_of(found.maps[0]):
                yield method, name, *place, value


def rows_of(values: Array) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield the values of a picture or map (C, H, W), or of a point (2,) as its channels, with their places."""
    whole = values.reshape(-1, 1, 1) if values.ndim == 1 else values
    for place in np.ndindex(whole.shape):
        yield place, float(whole[place])
