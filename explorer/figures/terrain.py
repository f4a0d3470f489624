"""What is to be known of loss surfaces besides their picture: sentences, a table of all numbers, the code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Losses, Surfaces, Terrain
from explorer.core.stats import Mean, Rate
from explorer.core.words import amount, minus
from explorer.figures.setting import Setting, percent

SNIPPET = '''"""Two models' loss over a plane through the weights of each, computed again from its address."""

import numpy as np

from explorer import run

found = run({address})
for kind, terrain in found.kinds.items():
    for letter, losses in (("A", terrain.a), ("B", terrain.b)):
        at = np.abs(losses.points).max(1)
        edge = losses.loss[at == at.max()]
        print(f"{{kind}} loss of model {{letter}}: lowest {{losses.loss.min():.4g}}, at the edge {{edge.mean():.4g}}")
'''
WORDS = {"clean": "clean loss", "kept": "loss under attack", "anew": "loss under attack"}


def told(found: Surfaces, setting: Setting, _show: Mapping[str, Any]) -> list[str]:
    """Return what the surfaces show, a sentence each; the last says how they were made."""
    view = found.terrain
    lines = [_at_centre(found, setting, i) + _around(view, setting, i) for i in range(2)]
    lines.append(_compared(view, setting))
    if found.shown == "kept" and "clean" in found.kinds:
        lines += _helped(found, setting)
    if found.shown == "anew" and "kept" in found.kinds:
        lines += _kept(found, setting)
    if found.shown != "clean" and "clean" in found.kinds:
        lines += _flat_and_robust(found, setting)
    return [minus(line) for line in [*lines, _made(view, setting)]]


def share_below(losses: Losses, setting: Setting) -> float:
    """Return at which share of the points the loss is below that of guessing, the logarithm of the number of classes.

    A size of the basin that does not hang on how deep it is, as a rise of the loss by some factor does.
    """
    return float((losses.loss < np.log(len(setting.classes))).mean())


def _at_centre(found: Surfaces, setting: Setting, i: int) -> str:
    here = found.terrain.centre(i)
    words = f"The {setting.names[i]} model's {WORDS[found.shown]}"
    if here is None:
        return words
    loss, right = _mean(here, 0), Rate(int(here.right[0]), here.count)
    low, high = loss.interval
    return (
        f"{words} at the trained weights is {loss.value:.3g} (n = {here.count:,}, 95 % interval {low:.2g} to "
        f"{high:.2g}), and it is right on {right}. Over the plane it"
    )


def _around(view: Terrain, setting: Setting, i: int) -> str:
    losses, guess = (view.a, view.b)[i], np.log(len(setting.classes))
    known = losses.loss[np.isfinite(losses.loss)]
    return (
        f" reaches from {known.min():.3g} to {known.max():.3g}, and lies below {guess:.3g}, which guessing "
        f"costs, at {_share(share_below(losses, setting))} of the {len(losses.loss):,} points."
    )


def _compared(view: Terrain, setting: Setting) -> str:
    """Return whose basin is the wider one, if the mesh tells."""
    a, b = (share_below(losses, setting) for losses in (view.a, view.b))
    caution = "That is of these two directions, out of as many as there are weights: others may differ."
    if abs(a - b) <= 1 / view.side:
        return f"On this mesh neither model's basin, where the loss is below guessing, is the larger one. {caution}"
    wide, narrow = setting.names if a > b else setting.names[::-1]
    times = f"{max(a, b) / min(a, b):.2g} times as large as the {narrow} model's" if min(a, b) else "the only one"
    return f"The {wide} model's basin, where the loss is below guessing, is {times} here. {caution}"


def _helped(found: Surfaces, setting: Setting) -> list[str]:
    """Return where perturbations that were made at the trained weights have stopped to be an attack."""
    clean, kept = found.kinds["clean"], found.kinds["kept"]
    if clean.side != kept.side:
        return []
    shares = [float((k.loss < c.loss).mean()) for k, c in ((kept.a, clean.a), (kept.b, clean.b))]
    if not any(shares):
        return []
    words = " and ".join(f"{_share(s)} of the points for {n}" for s, n in zip(shares, setting.names, strict=True))
    return [
        "Perturbations made at the trained weights fit other weights less: the loss with them is even below the clean "
        f"one at {words}."
    ]


def _kept(found: Surfaces, setting: Setting) -> list[str]:
    """Return by how much kept perturbations understate the loss under attack."""
    kept, anew = found.kinds["kept"], found.kinds["anew"]
    if kept.side != anew.side:
        return []
    words = [
        f"{float(np.median(new.loss / np.maximum(old.loss, 1e-300))):.3g} times for {name}"
        for name, new, old in zip(setting.names, (anew.a, anew.b), (kept.a, kept.b), strict=True)
    ]
    return [
        "With perturbations made anew the loss is, at the median point, that many times the one with perturbations "
        f"kept from the trained weights: {' and '.join(words)}."
    ]


def _flat_and_robust(found: Surfaces, setting: Setting) -> list[str]:
    """Return whether the model that stands the attack better has the wider basin of clean loss."""
    clean, view = found.kinds["clean"], found.terrain
    centres = [view.centre(i) for i in range(2)]
    rates = [Rate(int(one.right[0]), one.count) for one in centres if one is not None]
    if len(rates) < 2 or max(r.interval[0] for r in rates) <= min(r.interval[1] for r in rates):
        return []
    strong = int(rates[1].value > rates[0].value)
    widths = [share_below(losses, setting) for losses in (clean.a, clean.b)]
    if abs(widths[0] - widths[1]) <= 1 / clean.side:
        how = "neither larger nor smaller than the other's"
    else:
        how = "the larger one" if widths[strong] > widths[1 - strong] else "the smaller one"
    return [
        f"The {setting.names[strong]} model stands the attack better at the trained weights; its basin of clean loss "
        f"is {how} here. One pair of models on one plane settles nothing: published results disagree on whether robust "
        "models lie flatter."
    ]


def _made(view: Terrain, setting: Setting) -> str:
    attack = f", under attack within {setting.eps_text} in {setting.symbol}" if view.kind != "clean" else ""
    passes = f", {view.a.backwards} gradient steps at each point" if view.a.backwards else ""
    where = f"at {view.side} × {view.side} points{passes}"
    return f"Made of the first {amount(view.a.count, 'test picture')}{attack}, {where}. {view.note}"


def _share(value: float) -> str:
    return "none" if not value else "all" if value == 1 else percent(value)


def _mean(losses: Losses, row: int) -> Mean:
    return Mean.of_positive(float(losses.loss[row]), float(losses.spread[row]), losses.count)


def snippet(address: str) -> str:
    """Return Python that computes the surfaces of an address again by the public interface and prints their edges."""
    return SNIPPET.format(address=ascii(address))


def table(found: Surfaces, setting: Setting) -> bytes:
    """Return every point of every kind as CSV (RFC 4180), each loss with its 95 % interval."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found, setting))
    return out.getvalue().encode()


def _rows(found: Surfaces, setting: Setting) -> Iterator[tuple[Any, ...]]:
    axes = found.terrain.names["across"], found.terrain.names["up"]
    yield "model", "loss of", *axes, "loss", "low", "high", "right", "n"
    for view in found.kinds.values():
        for letter, name, losses in zip("AB", setting.names, (view.a, view.b), strict=True):
            for row, (a, b) in enumerate(losses.points.tolist()):
                mean = _mean(losses, row)
                about = f"{letter} {name}", view.kind, round(a, 12), round(b, 12)
                yield *about, mean.value, *mean.interval, int(losses.right[row]), losses.count
