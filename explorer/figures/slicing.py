"""What is to be known of a slice besides its picture: sentences, a table of all numbers, the code that makes them."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.norms import SYMBOLS
from explorer.core.results import Array, Distances, Neighbours, SliceView, Trail, up_to
from explorer.core.words import amount
from explorer.figures.folding import folded
from explorer.figures.setting import Setting, percent

SNIPPET = '''"""How much of a plane through input space each class has, computed again from its address."""

import numpy as np

from explorer import run

view = run({address})
for model, found in (("A", view.a), ("B", view.b)):
    labels, counts = np.unique(found.labels, return_counts=True)
    shares = {{int(c): round(float(n) / found.labels.size, 4) for c, n in zip(labels, counts)}}
    print(f"model {{model}}: asked at {{found.asked}} places, shares of the classes {{shares}}")
'''
WAYS = ("to the right", "to the left", "upwards", "downwards")  # as `SliceView.ahead_a` has them
FLAT = 1e-4  # of an attack's length: what lies no further off the plane lies in it, but for rounding
FEW = 30  # places of the grid that are no share of an area
NEAREST = 50  # training pictures that are shown where nobody says how far they may be


def told(view: SliceView, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what the plane shows, a sentence each; the last two say how it was asked, and what it lies near."""
    found = [_from_picture(view, setting, i) for i in range(2)]
    found += [_compared(view, setting), _budget(view, setting)]
    found += [
        _path(trail, name, thing(view), setting)
        for trail, name in zip((view.trail_a, view.trail_b), "AB", strict=True)
        if trail is not None
    ]
    found += [_near(view.near, thing(view), show, setting)] if view.near is not None else []
    found += folded(view, setting)
    return [*found, _asked(view), *([view.section.note] if view.section.note else [])]


def thing(view: SliceView) -> str:
    """Return what the plane is laid through: a picture or a point."""
    return "point" if view.section.origin.ndim == 1 else "picture"


def lengths(view: SliceView, i: int) -> Array:
    """Return how far the boundary is from the picture on each of the four ways, (4,) in the axes' norm.

    Infinite where it is not within what is shown.
    """
    ahead = (view.ahead_a, view.ahead_b)[i]
    sizes = [np.linalg.norm(axis.astype(np.float64)) for axis in (view.section.across, view.section.up)]
    left, right, bottom, top = view.section.window
    far = ahead.l2[0] / np.repeat(sizes, 2)
    return np.where(far <= up_to(np.array([right, -left, top, -bottom])), far, np.inf)


def _from_picture(view: SliceView, setting: Setting, i: int) -> str:
    ahead: Distances = (view.ahead_a, view.ahead_b)[i]
    classes, own = setting.classes, int(ahead.labels[0])
    truth = "" if view.label in (-1, own) else f", wrongly: it is '{classes[view.label]}'"
    words, free = [], []
    for way, far, beyond, outside in zip(WAYS, lengths(view, i), ahead.reached[0], ahead.outside[0], strict=True):
        if np.isfinite(far):
            where = ", outside of [0, 1]" if outside else ""
            words.append(f"{setting.length(far)} {way} ('{classes[int(beyond)]}'{where})")
        else:
            free.append(way)
    start = f"The {setting.names[i]} model says '{classes[own]}' of the {thing(view)}{truth}"
    nowhere = f"no other class {_list(free)} as far as the plane goes" if free else ""
    if not words:
        return f"{start}; along the axes it knows {nowhere}."
    return f"{start}. Its boundary is at {_list(words)}{f'; {nowhere}' if nowhere else ''}."


def _compared(view: SliceView, setting: Setting) -> str:
    """Return which model's boundary is nearer along the axes."""
    a, b = (float(lengths(view, i).min()) for i in range(2))
    one, other = setting.names
    if not (np.isfinite(a) or np.isfinite(b)):
        return "Along the axes neither model's answer changes within what is shown."
    if np.isfinite(a) and np.isfinite(b):
        far, near = (one, other) if a > b else (other, one)
        ratio = max(a, b) / max(min(a, b), 1e-12)
        times = f"{ratio:.2g} times as far from the {thing(view)} as the {near} one's"
        return f"Along the axes the {far} model's boundary is {times}."
    far, near = (one, other) if np.isfinite(b) else (other, one)
    return f"Along the axes the {near} model's answer changes within what is shown, the {far} model's does not."


def _budget(view: SliceView, setting: Setting) -> str:
    """Return how much of the budget's share of the plane has another class than the picture."""
    if view.outlines is None:
        return f"A budget in {setting.symbol} has no outline in a plane: the axes are in {SYMBOLS[view.section.norm]}."
    within = inside(view.outlines.both, *view.section.ticks(len(view.a.labels)))
    if within.sum() < FEW:
        return (
            f"Of the budget ({setting.eps_text} in {setting.symbol}), where values stay in [0, 1], this plane shows "
            f"next to nothing: a {thing(view)} with values of 0 or 1 lies on the edge of that box."
        )
    words = []
    for name, one, ahead in zip(setting.names, (view.a, view.b), (view.ahead_a, view.ahead_b), strict=True):
        other = float((one.labels[within] != ahead.labels[0]).mean())
        words.append(f"{percent(other) if other else 'none'} for the {name} model")
    return (
        f"How much of the budget ({setting.eps_text} in {setting.symbol}, within [0, 1]) in this plane gets another "
        f"answer than the {thing(view)} itself: {_list(words)}, measured at {within.sum():,} places."
    )


def inside(polygon: Array, across: Array, up: Array) -> Array:
    """Return which places of a grid lie in a convex polygon (M, 2), (G, G) bool, row = second coordinate."""
    s, t = np.meshgrid(across, up)
    left, right = np.ones(s.shape, bool), np.ones(s.shape, bool)
    for (x, y), (u, v) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        turn = (u - x) * (t - y) - (v - y) * (s - x)
        left &= turn >= 0
        right &= turn <= 0
    return (left | right) if len(polygon) > 2 else np.zeros(s.shape, bool)


def _path(trail: Trail, name: str, what: str, setting: Setting) -> str:
    """Return how far from the plane an attack's steps are."""
    drawn = len(trail.steps) - 2
    steps = f"The attack on {name}"
    if trail.count:
        steps += f" has {amount(trail.count, 'iterate')}" + (f", {drawn} of them drawn" if drawn < trail.count else "")
    outcome = f"its outcome {'reaches' if trail.reached else 'does not reach'} the goal"
    in_plane = trail.off <= FLAT * max(float(trail.length.max()), 1e-12)
    if in_plane.all():
        return f"{steps}: all in the plane; {outcome}."
    worst = int(trail.off.argmax())
    share = percent(float(trail.off[worst] / trail.length[worst]))
    last = "in it" if in_plane[-1] else f"{setting.length(float(trail.off[-1]), 'l2')} away"
    return (
        f"{steps}: up to {setting.length(float(trail.off[worst]), 'l2')} away from the plane in ℓ2, {share} of that "
        f"one's distance from the {what}, and the outcome {last}; {outcome}."
    )


def close(near: Neighbours, show: Mapping[str, Any]) -> tuple[Array, float]:
    """Return which training pictures are near enough to be shown, and how far off the plane that is, in l2."""
    last = float(near.off[: max(1, min(NEAREST, len(near.off)))].max(initial=0.0))
    far = float(show["near"]) or last
    return np.flatnonzero(near.off <= far), far


def _near(near: Neighbours, what: str, show: Mapping[str, Any], setting: Setting) -> str:
    rows, far = close(near, show)
    where = f"within {setting.length(far, 'l2')} of the plane in ℓ2" if far else "on the plane"
    if not len(rows):
        least = f"; the nearest is {setting.length(float(near.off[0]), 'l2')} off" if len(near.off) else ""
        return f"No one of {near.total:,} training {what}s is in sight and {where}{least}."
    full = len(rows) == len(near.off) < near.inside
    found = f"{'At least ' if full else ''}{len(rows):,} of {near.total:,} training {what}s"
    return f"{found} are in sight and {where}."


def _asked(view: SliceView) -> str:
    places, first = view.a.labels.size, view.a
    if first.step == 1:
        return f"Both models were asked at each of the {places:,} places."
    asked = f"Asked at {view.a.asked:,} (A) and {view.b.asked:,} (B) points for {places:,} places"
    if is_first_look(view):
        return f"A first look: {asked[0].lower()}{asked[1:]}; what lies between is interpolated."
    return (
        f"{asked}: wherever the answers around differ or the margin falls steeply. Elsewhere a place has the label of "
        "those around it; a dense grid (Settings) asks everywhere."
    )


def is_first_look(view: SliceView) -> bool:
    """Return whether the models were asked at the coarse grid alone: a first look comes without what lies near by."""
    return view.near is None and not view.a.checked.all()


def _list(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def snippet(address: str) -> str:
    """Return Python that computes the slices of an address again by the public interface and prints their shares."""
    return SNIPPET.format(address=ascii(address))


def table(view: SliceView, setting: Setting) -> bytes:
    """Return every place of the plane, and every step of the attacks, as CSV (RFC 4180).

    across, up : in pixel units of the axes' norm; off : how far from the plane, in l2
    """
    out = StringIO()
    csv.writer(out).writerows(_rows(view, setting))
    return out.getvalue().encode()


def _rows(view: SliceView, setting: Setting) -> Iterator[tuple[Any, ...]]:
    axes = (f"{axis} (in {view.section.norm}, values 0 to 1)" for axis in ("across", "up"))
    yield "model", "kind", *axes, "class", "confidence (0 to 1)", "margin (logits)", "asked", "off (in l2)"
    models = [f"{letter} {name}" for letter, name in zip("AB", setting.names, strict=True)]
    for model, found, trail in zip(models, (view.a, view.b), (view.trail_a, view.trail_b), strict=True):
        across, up = found.section.ticks(len(found.labels))
        for row, t in enumerate(up.tolist()):
            for column, s in enumerate(across.tolist()):
                at = row, column
                numbers = float(found.confidence[at]), float(found.margin[at]), int(found.checked[at])
                yield model, "place", s, t, setting.classes[int(found.labels[at])], *numbers, 0.0
        if trail is not None:
            for step, (s, t), off, c in zip(
                trail.steps.tolist(), trail.places.tolist(), trail.off.tolist(), trail.labels, strict=True
            ):
                yield model, f"step {step}", s, t, setting.classes[int(c)], "", "", 1, off
    if view.near is not None:
        near = view.near
        for index, (s, t), off, c in zip(
            near.index.tolist(), near.places.tolist(), near.off.tolist(), near.labels, strict=True
        ):
            yield "", f"training picture {index}", s, t, setting.classes[int(c)], "", "", "", off
