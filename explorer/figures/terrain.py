"""What is to be known of loss surfaces besides their picture: sentences, a table of all numbers, the code."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Losses, Surfaces, Terrain
from explorer.core.stats import Rate
from explorer.core.words import amount, minus
from explorer.figures import descended, hits
from explorer.figures.setting import Setting, part_of

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
CONCENTRATED = 0.1  # share of the loss that one picture makes at least, from which on it is told
FEWER = 0.99  # of the clean loss: what is below is no rounding
WORDS = {"clean": "clean loss", "kept": "loss under attack", "anew": "loss under attack"}


def told(found: Surfaces, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what the surfaces show, a sentence each; the last says how they were made."""
    view = found.terrain
    if show.get("height") == "accuracy":
        return _of_accuracy(found, setting, show)
    lines = [_at_centre(found, setting, i) + _around(view, setting, i) for i in range(2)]
    alone = [*descended.told(view, setting)]  # each model on a plane and a scale of its own: areas are not compared
    lines += alone or [_compared(view, setting)]
    lines += not_finite((view.a, view.b), setting)
    if found.shown == "kept" and "clean" in found.kinds:
        lines += _helped(found, setting)
    if found.shown == "anew" and "kept" in found.kinds:
        lines += _kept(found, setting)
    if found.shown != "clean" and "clean" in found.kinds and not alone:
        lines += _flat_and_robust(found, setting)
    return [minus(line) for line in [*lines, _made(view, setting)]]


def _of_accuracy(found: Surfaces, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what is told of the share of right answers in place of the loss."""
    alone = descended.told(found.terrain, setting)
    lines = [*hits.told(found.terrain, setting, compare=not alone), *alone]
    if show.get("between"):
        lines.append("Nothing is drawn between the points: the accuracy is a staircase, which a spline would smooth.")
    return [minus(line) for line in [*lines, _made(found.terrain, setting)]]


def share_below(losses: Losses, setting: Setting) -> float:
    """Return at which share of the points the loss is below that of guessing, the logarithm of the number of classes.

    A size of the basin that does not hang on how deep it is, as a rise of the loss by some factor does.
    """
    return float((losses.loss < np.log(len(setting.classes))).mean())


def reaches_edge(losses: Losses, setting: Setting) -> bool:
    """Return whether the loss is below that of guessing at the edge of the square: the basin may go on beyond it."""
    far = np.abs(losses.points).max(1)
    return bool((losses.loss[far > far.max() * (1 - 1e-9)] < np.log(len(setting.classes))).any())


def larger(a: Losses, b: Losses, setting: Setting) -> tuple[int | None, bool]:
    """Return whose basin is the larger one, A's (0) or B's (1), and whether the edge of the square cuts a basin.

    None where neither is by more than a row of points, or where the one that seems the smaller goes on beyond the edge.
    """
    shares = [share_below(one, setting) for one in (a, b)]
    cut = [reaches_edge(one, setting) for one in (a, b)]
    wide = int(shares[1] > shares[0])
    if abs(shares[0] - shares[1]) <= 1 / np.sqrt(len(a.loss)):
        return None, any(cut)
    return (None, True) if cut[1 - wide] else (wide, cut[wide])


def not_finite(two: tuple[Losses, Losses], setting: Setting) -> list[str]:
    """Return at how many points each model's loss is not finite, in a sentence, if at any."""
    counts = [int((~np.isfinite(one.loss)).sum()) for one in two]
    if not any(counts):
        return []
    words = " and ".join(f"{count:,} for {name}" for count, name in zip(counts, setting.names, strict=True))
    return [f"Of the {len(two[0].loss):,} points the loss is not finite at {words}: the scale is that of the others."]


def _at_centre(found: Surfaces, setting: Setting, i: int) -> str:
    here = found.terrain.centre(i)
    words = f"The {setting.names[i]} model's {WORDS[found.shown]}"
    if here is None:
        return words
    right = Rate(int(here.right[0]), here.count)
    return f"{words} at the trained weights is {_mean(here)}, and it is right on {right}. Over the plane it"


def _around(view: Terrain, setting: Setting, i: int) -> str:
    losses, guess = (view.a, view.b)[i], np.log(len(setting.classes))
    known = losses.loss[np.isfinite(losses.loss)]
    range_ = f" reaches from {known.min():.3g} to {known.max():.3g}, and" if len(known) else ""
    beyond = ", up to the edge of the square" if reaches_edge(losses, setting) else ""
    return (
        f"{range_} lies below {guess:.3g}, which guessing costs, at {part_of(share_below(losses, setting))} of the "
        f"{len(losses.loss):,} points{beyond}."
    )


def _compared(view: Terrain, setting: Setting) -> str:
    """Return whose basin is the wider one, if the mesh tells."""
    a, b = (share_below(losses, setting) for losses in (view.a, view.b))
    for name, centre in zip(setting.names, (view.centre(0), view.centre(1)), strict=True):
        if centre is not None and not centre.loss[0] < np.log(len(setting.classes)):
            return f"Basins are not compared: the {name} model's trained weights lie in none, as guessing costs less."
    caution = "That is of these two directions, out of as many as there are weights: others may differ."
    which, cut = larger(view.a, view.b, setting)
    if which is None and cut:
        return (
            "Which model's basin, where the loss is below guessing, is the larger one is not to be seen here: what "
            "reaches the edge of the square may go on beyond it. Let the weights move farther (Settings)."
        )
    if which is None:
        return f"On this mesh neither model's basin, where the loss is below guessing, is the larger one. {caution}"
    wide, narrow = setting.names[which], setting.names[1 - which]
    least, few, many = "at least " if cut else "", *sorted((a, b))
    times = f"{least}{many / few:.2g} times as large as the {narrow} model's" if few else "the only one"
    return f"The {wide} model's basin, where the loss is below guessing, is {times} here. {caution}"


def _helped(found: Surfaces, setting: Setting) -> list[str]:
    """Return where perturbations that were made at the trained weights have stopped to be an attack."""
    clean, kept = found.kinds["clean"], found.kinds["kept"]
    if clean.side != kept.side:
        return []
    shares = [float((k.loss < FEWER * c.loss).mean()) for k, c in ((kept.a, clean.a), (kept.b, clean.b))]
    if not any(shares):
        return []
    words = " and ".join(f"{part_of(s)} of the points for {n}" for s, n in zip(shares, setting.names, strict=True))
    return [
        "Perturbations made at the trained weights fit other weights less: the loss with them is even more than "
        f"1 % below the clean one at {words}."
    ]


def _kept(found: Surfaces, setting: Setting) -> list[str]:
    """Return by how much kept perturbations understate the loss under attack."""
    kept, anew = found.kinds["kept"], found.kinds["anew"]
    if kept.side != anew.side:
        return []
    times = []
    for new, old in ((anew.a, kept.a), (anew.b, kept.b)):
        there = np.isfinite(new.loss) & np.isfinite(old.loss) & (old.loss > 0)
        if not there.any():
            return []
        times.append(float(np.median(new.loss[there] / old.loss[there])))
    a, b = setting.names
    return [
        f"Under attack made anew the loss is {times[0]:.3g} times as high for {a} and {times[1]:.3g} times for {b} as "
        "with perturbations kept, in the median over the points."
    ]


def _flat_and_robust(found: Surfaces, setting: Setting) -> list[str]:
    """Return whether the model that stands the attack better has the wider basin of clean loss."""
    clean, view = found.kinds["clean"], found.terrain
    centres = [view.centre(i) for i in range(2)]
    rates = [Rate(int(one.right[0]), one.count) for one in centres if one is not None]
    if len(rates) < 2 or max(r.interval[0] for r in rates) <= min(r.interval[1] for r in rates):
        return []
    strong = int(rates[1].value > rates[0].value)
    which, cut = larger(clean.a, clean.b, setting)
    if which is None and cut:
        how = "not to be compared with the other's, as the edge of the square cuts them,"
    elif which is None:
        how = "neither larger nor smaller than the other's"
    else:
        how = "the larger one" if which == strong else "the smaller one"
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


def _mean(here: Losses) -> str:
    """Return the loss at one point and how unevenly the pictures make it: of so skewed a mean no interval is sure.

    Of values x_i >= 0 the largest makes at least sum(x_i²) / sum(x_i)² = (1 + (spread / mean)²) / n of their sum.
    """
    loss, spread, n = float(here.loss[0]), float(here.spread[0]), here.count
    words = f"{loss:.3g} (mean of n = {amount(n, 'picture')}, standard deviation {spread:.2g}"
    if n > 1 and 0 < loss < np.inf and spread > 3 * loss:
        share = min((1 + (spread / loss) ** 2) / n, 1.0)
        if share >= CONCENTRATED:
            return f"{words}: one picture alone makes at least {share:.0%} of it)"
    return f"{words})"


def snippet(address: str) -> str:
    """Return Python that computes the surfaces of an address again by the public interface and prints their edges."""
    return SNIPPET.format(address=ascii(address))


def table(found: Surfaces, setting: Setting) -> bytes:
    """Return every point of every kind as CSV (RFC 4180), each loss with its standard deviation over the pictures."""
    out = StringIO()
    csv.writer(out).writerows(_rows(found, setting))
    return out.getvalue().encode()


def _rows(found: Surfaces, setting: Setting) -> Iterator[tuple[Any, ...]]:
    axes = found.terrain.names["across"], found.terrain.names["up"]
    yield "model", "loss of", *axes, "loss", "standard deviation", "right", "n"
    for view in found.kinds.values():
        for letter, name, losses in zip("AB", setting.names, (view.a, view.b), strict=True):
            for row, (a, b) in enumerate(losses.points.tolist()):
                about = f"{letter} {name}", view.kind, round(a, 12), round(b, 12)
                yield *about, float(losses.loss[row]), float(losses.spread[row]), int(losses.right[row]), losses.count
    yield from descended.table(found.terrain, setting)
