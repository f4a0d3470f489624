"""The directions that an untrained architecture prefers: drawn with their spectra, told, as a table, as code."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go
from scipy.fft import dctn

from explorer.core.results import Anisotropy, Array
from explorer.core.stats import Mean
from explorer.core.words import amount
from explorer.figures.images import change
from explorer.figures.setting import Setting
from explorer.figures.strips import BESIDE, Mark, Strip, strips

SNIPPET = '''"""The directions that an untrained architecture prefers, computed again from an address."""

from explorer import run

found = run({address})
print(f"{{found.count}} networks; energy of the first directions {{found.energy[:8]}}")
print(f"of the last {{found.energy[-8:]}}; without preference between {{found.chance}}")
print(f"share of the rings of frequencies, from low to high {{found.shares.mean(0)}}, of {{found.even}}")
'''
RINGS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")


def snippet(address: str) -> str:
    """Return Python that computes the directions of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def preferred(found: Anisotropy, *, dark: bool = False) -> go.Figure:
    """Draw the directions of most and of least energy as pictures, under each its spectrum; then all frequencies.

    A direction has no sign: black and white may change places. A spectrum is the size of the DCT's coefficients, low
    frequencies at the upper left.
    """
    last = len(found.energy)
    rows = [
        *_rows("preferred most", found.first, [(k + 1, found.energy[k]) for k in range(len(found.first))]),
        *_rows("preferred least", found.last, [(last - k, found.energy[last - 1 - k]) for k in range(len(found.last))]),
        _all(found),
    ]
    return strips(rows, dark=dark, across=BESIDE)


def _rows(words: str, ways: Array, about: Sequence[tuple[int, float]]) -> Iterator[Strip]:
    """Yield a row of directions and the row of their spectra."""
    marks, spectra = list[Mark](), list[Mark]()
    for way, (place, energy) in zip(ways, about, strict=True):
        text = f"{place}: {energy:.2%}"
        hover = f"direction {place}<br>{energy:.3%} of the energy"
        marks.append(Mark(change(way, float(np.abs(way).max())), above=text, hover=hover, bytes=True))
        waves = dctn(way, axes=(1, 2), norm="ortho")
        spectrum = change(waves, float(np.abs(waves).max()), "size")
        spectra.append(Mark(spectrum, hover=f"spectrum of direction {place}", bytes=True))
    yield Strip(f"Directions {words}: place and share of the energy", marks)
    yield Strip("Their spectra, low frequencies at the upper left", spectra)


def _all(found: Anisotropy) -> Strip:
    """Return the row that shows the energy of every frequency, grey where it is that without preference."""
    off = found.waves - 1
    low, high = float(found.waves.min()), float(found.waves.max())
    shown = change(off[None], max(float(np.abs(off).max()), 1e-9))
    hover = f"from {low:.2f} to {high:.2f} times the energy without preference"
    mark = Mark(shown, hover=hover, below=f"{low:.2f} to {high:.2f} times", bytes=True)
    head = "Energy of every frequency beside that without preference: brighter is more, grey the same"
    return Strip(head, [mark, *[None] * (len(found.first) - 1)])


def told(found: Anisotropy, _setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return which frequencies the architecture prefers, and how far its directions are apart beside chance."""
    who = f"{show['architecture']}, n = {found.count:,} networks drawn at random"
    left = f" {amount(found.flat, 'network')} had no gradient and are left out." if found.flat else ""
    low, high = found.chance
    size, above, below = len(found.energy), int((found.energy > high).sum()), int((found.energy < low).sum())
    known = "it has preferred directions" if above or below else "it has none that these networks tell"
    return [
        f"{who}: {_ring(found, 0)}; {_ring(found, len(found.even) - 1)}.{left}",
        f"Of {size:,} directions the first holds {found.energy[0]:.2%} of the gradients' energy, the last "
        f"{found.energy[-1]:.2%}; without preference nearly all would lie between {low:.2%} and {high:.2%}, and "
        f"{above:,} lie above, {below:,} below: {known}.",
    ]


def _ring(found: Anisotropy, ring: int) -> str:
    """Return what share of the gradients a ring of frequencies has, beside the share without preference."""
    mean, even = Mean.of(found.shares[:, ring]), float(found.even[ring])
    low, high = mean.interval
    verdict = "more" if low > even else "less" if high < even else "no clear difference"
    share = f"the {RINGS[ring]} of frequencies has {mean.share} of the gradients' energy"
    return f"{share}, {even:.1%} without preference: {verdict}"


def table(found: Anisotropy) -> bytes:
    """Return the numbers as CSV (RFC 4180): quantity, place, value."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("quantity", "place", "value"))
    writer.writerows(("energy", k + 1, float(value)) for k, value in enumerate(found.energy))
    for k, (mean, even) in enumerate(zip(found.shares.mean(0), found.even, strict=True)):
        writer.writerows((("share of ring", k + 1, float(mean)), ("without preference", k + 1, float(even))))
    rows, columns = found.waves.shape
    writer.writerows(
        ("energy of frequency", f"{i} {j}", float(found.waves[i, j])) for i in range(rows) for j in range(columns)
    )
    return out.getvalue().encode()
