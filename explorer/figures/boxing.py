"""How large certified boxes are and how alike, in words, as a table, as code."""

import csv
from io import StringIO

import numpy as np

from explorer.core.results import Boxed, Boxes
from explorer.core.stats import Median
from explorer.figures.methods import seconds
from explorer.figures.setting import Setting

SNIPPET = '''"""The largest certified boxes around pictures on two models, computed again from an address."""

from explorer import run

found = run({address})
for model, boxes in found.models.items():
    for uniform, eps, gain in zip(boxes.uniform, boxes.eps, boxes.gain):
        print(f"{{model}}: one eps {{uniform:.4g}}, else {{eps.min():.4g}} to {{eps.max():.4g}}, gain {{gain:.4g}}")
'''
KIN = {"same": "of the same class", "other": "of different classes"}


def told(view: Boxed, setting: Setting) -> list[str]:
    """Return how much larger the boxes are than uniform ones and how alike, a sentence each."""
    there = [(i, model) for i, model in enumerate(view.order) if model in view.models]
    lines = [_one(view.models[model], setting, i) for i, model in there]
    lines += [line for i, model in there for line in _alike(view, model, setting, i)]
    return [*lines, *dict.fromkeys(view.refused.values()), *([_made(view)] if there else [])]


def _one(one: Boxes, setting: Setting, i: int) -> str:
    name, sure, size = setting.names[i], one.certified, one.eps[0].size
    if not sure.any():
        return f"On the {name} model no box is certified: it is wrong by itself, or its bounds are too loose."
    if len(sure) == 1:
        even, widest = float(one.uniform[0]), float(one.eps[0].max())
        active = int(one.active[0].sum())
        held = "all of them hold" if active == size else f"{active:,} of the {size:,} values hold"
        return (
            f"On the {name} model one eps for all certifies {setting.counted(even)}; with one for each value they go "
            f"from {setting.counted(float(one.eps[0].min()))} to {setting.counted(widest)}, and {held} the box back. "
            f"The logarithm of its volume grows by {float(one.gain[0]):.3g}, which is {float(one.gain[0]) / size:.2g} "
            "for each value."
        )
    median = Median.of(one.gain_per_active[sure & np.isfinite(one.gain_per_active)])
    low, high = median.interval
    return (
        f"On the {name} model {int(sure.sum())} of {len(sure)} pictures have a box; the log-volume gain for each value "
        f"that counts is {median.value:.3g} in the median (n = {median.n}, 95 % interval {low:.3g} to {high:.3g})."
    )


def _alike(view: Boxed, model: str, setting: Setting, i: int) -> list[str]:
    known = view.alike.get(model, {})
    parts = [f"{_number(known[kind])} for two {KIN[kind]}" for kind in KIN if kind in known]
    if not parts:
        return []
    line = f"Maps of the {setting.names[i]} model correlate by {' and by '.join(parts)}"
    if "difference" in known:
        line += f"; the difference is {_number(known['difference'])}"
    return [f"{line}."]


def _number(mean: np.ndarray) -> str:
    value, n, low, high = mean.tolist()
    return f"{value:.2f} (n = {int(n)} pictures, 95 % interval {low:.2f} to {high:.2f})"


def _made(view: Boxed) -> str:
    times = " and ".join(seconds(value) for value in view.seconds.values())
    return (
        "Boxes are the largest that were found, and certified at the end; larger ones may be there. No eps goes beyond "
        f"what a value can change at all. Computed in {times}."
    )


def snippet(address: str) -> str:
    """Return Python that computes the boxes of an address again by the public interface and prints their sizes."""
    return SNIPPET.format(address=ascii(address))


def table(view: Boxed, setting: Setting) -> bytes:
    """Return every value's eps as CSV (RFC 4180), in pixel units."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("model", "picture", "value", "eps", "the same for all", "log-volume gain of the picture"))
    for letter, name, model in zip("AB", setting.names, view.order, strict=False):
        if (one := view.models.get(model)) is None:
            continue
        for i, (uniform, eps, gain) in enumerate(
            zip(one.uniform.tolist(), one.eps.reshape(len(one.eps), -1).tolist(), one.gain.tolist(), strict=True)
        ):
            for j, value in enumerate(eps):
                writer.writerow((f"{letter} {name}", i, j, value, uniform, gain))
    return out.getvalue().encode()
