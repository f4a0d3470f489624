"""One picture's changes within bands of frequencies: drawn, told, as a table, as code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, BandChange, BandChanges
from explorer.core.words import amount
from explorer.figures.banded import frequencies
from explorer.figures.images import change, gain
from explorer.figures.lineup import lineup
from explorer.figures.setting import Setting
from explorer.figures.strips import BESIDE, Mark, Strip, strips
from explorer.figures.style import plain

SNIPPET = '''"""One picture's changes within bands of frequencies, computed again from an address."""

from explorer import run

found = run({address})
for model, one in found.models.items():
    for start, margin, reached in zip(one.margins.starts, one.margins.margins[0], one.margins.reached[0]):
        print(f"{{model}}, band from {{start}}: length {{margin:.4g}}, the class then {{reached}}")
'''


def snippet(address: str) -> str:
    """Return Python that computes the changes of an address again by the public interface and prints their lengths."""
    return SNIPPET.format(address=ascii(address))


def waved(result: BandChanges, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw for each model the picture and its changes within each band, amplified, and below the changed pictures.

    A band's changes have one gain on all models, printed above. Changed pictures are cut to [0, 1].
    """
    found, rows = list(result.models.values()), list[Strip]()
    gains = [gain(max(max(_reach(one, band) for one in found), 1e-9)) for band in range(len(found[0].delta))]
    for mark, one in zip(lineup(list(result.models), dark), found, strict=True):
        kind = result.kinds[mark.name]
        head = f"<b>{mark.sign} {plain(mark.name)}</b>{f', {plain(kind)}' if kind else ''}"
        said = int(one.margins.labels[0])
        first = Mark(one.x, above="picture", below=f"says<br>{_called(said, setting)}")
        marks = [_changed(one, band, size, setting) for band, size in enumerate(gains)]
        words = f"{head}: change in each band, its length, the answer then"
        rows.append(Strip(words, [first, *marks], mark.colour))
        rows.append(Strip("The changed pictures, cut to values from 0 to 1", [None, *_pictures(one)]))
    return strips(rows, dark=dark, across=BESIDE)


def _reach(one: BandChange, band: int) -> float:
    """Return the largest value of a change, in the unit of pictures as they are."""
    return float(np.abs(one.delta[band]).max()) / one.scale


def _changed(one: BandChange, band: int, size: float, setting: Setting) -> Mark:
    start = int(one.margins.starts[band])
    above = f"{start}–{start + one.margins.width - 1}, ×{size:.2g}"
    shown = change(one.delta[band] / one.scale, 0.5 / size)
    if not one.margins.converged[0, band]:
        return Mark(shown, above=above, below="not found", bytes=True)
    length, then = _length(one, band, setting), _called(int(one.margins.reached[0, band]), setting)
    hover = f"{frequencies(one.margins, band)}: length {length}<br>then it says {then}"
    return Mark(shown, above=above, below=f"{length}<br>{then}", hover=hover, bytes=True)


def _pictures(one: BandChange) -> Iterator[Mark | None]:
    for band, delta in enumerate(one.delta):
        known = one.margins.converged[0, band]
        yield Mark((one.x + delta).clip(0, 1), hover=f"changed in {frequencies(one.margins, band)}") if known else None


def _called(label: int, setting: Setting) -> str:
    return f"“{plain(setting.classes[label])}”"


def _length(one: BandChange, band: int, setting: Setting) -> str:
    return f"{float(one.margins.margins[0, band]) * setting.unit:,.4g}/{setting.unit}"


def told(result: BandChanges, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return for each model in which bands its answer turns soonest and latest, and into what."""
    return [_line(result, model, one, setting) for model, one in result.models.items()]


def _line(result: BandChanges, model: str, one: BandChange, setting: Setting) -> str:
    kind = f" with {result.kinds[model]}" if result.kinds[model] else ""
    said, truth = (setting.classes[label] for label in (int(one.margins.labels[0]), one.label))
    about = f"{model} says “{said}” of picture {result.index}{kind}, class “{truth}”"
    known = np.flatnonzero(one.margins.converged[0])
    missing = len(one.delta) - len(known)
    left = f" In {amount(missing, 'band')} no change was found." if missing else ""
    if not len(known):
        return f"{about}.{left}"
    sizes: Array = one.margins.margins[0, known]
    ends = [
        f"the {words} change that turns it lies in {frequencies(one.margins, band)}: {_length(one, band, setting)}, "
        f"“{setting.classes[int(one.margins.reached[0, band])]}” then"
        for words, band in (("shortest", int(known[sizes.argmin()])), ("longest", int(known[sizes.argmax()])))
    ]
    beyond = sum(float((one.x + d).min()) < 0 or float((one.x + d).max()) > 1 for d in one.delta[known])
    leave = f" {beyond} of the {len(known)} changed pictures leave the values that pictures have, from 0 to 1."
    return f"{about}; {'; '.join(ends)}.{left}{leave if beyond else ''}"


def table(result: BandChanges) -> bytes:
    """Return the numbers as CSV (RFC 4180): a row for each model and band; no length where no change was found."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        (
            *("model", "pictures", "lowest frequency", "highest frequency", "answer"),
            *("length l2 (values 0 to 1)", "answer then"),
        )
    )
    for model, one in result.models.items():
        for band, start in enumerate(one.margins.starts.tolist()):
            found = bool(one.margins.converged[0, band])
            length = float(one.margins.margins[0, band]) if found else ""
            about = model, result.kinds[model] or "as they are", start, start + one.margins.width - 1
            writer.writerow((*about, int(one.margins.labels[0]), length, int(one.margins.reached[0, band])))
    return out.getvalue().encode()
