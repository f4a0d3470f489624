"""What envelopes certify around one picture, in words, as a table, as code."""

import csv
from collections.abc import Mapping
from io import StringIO

from explorer.core.results import Envelope, Envelopes
from explorer.figures.methods import Method, known
from explorer.figures.setting import Setting

SNIPPET = '''"""What the envelopes of growing balls certify around one picture, computed again from its address."""

from explorer import run

found = run({address})
for model, envelope in found.models.items():
    print(model, envelope.sentence)
    for eps, radius, whole in zip(envelope.tried, envelope.radius, envelope.whole):
        print(f"  ball {{eps:.4g}}: certified {{radius:.4g}}, {{'all of it' if whole else 'not all of it'}}")
'''


def told(view: Envelopes, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    """Return what the envelopes certify, a sentence for each model, and how the plane lies."""
    lines = [_one(one, setting, i) for i, one in enumerate(view.models.values())]
    if view.proofs is not None:
        for i, some in enumerate(view.proofs.models.values()):
            what = known(some, methods, view.proofs.top)
            if what.by:
                broken = f", broken at {setting.length(what.high)}" if what.broken else ""
                lines.append(
                    f"By any method, {setting.length(what.low)} is proved on the {setting.names[i]} model "
                    f"({methods[what.by].title}){broken}."
                )
    first = next(iter(view.models.values()))
    section = first.seen.section
    where = (
        "The plane is the one that the points live in, so what is drawn is the whole of it."
        if section.origin.ndim == 1
        else "The plane is laid through what the attack makes of the picture on each model; an envelope reaches "
        "further into all other directions, and what is drawn is where this plane cuts it."
    )
    return [*lines, where, *([section.note] if section.note else [])]


def _one(one: Envelope, setting: Setting, i: int) -> str:
    name = setting.names[i]
    if one.sentence:
        return f"Of the {name} model there is no envelope. {one.sentence}"
    best, wholes = int(one.radius.argmax()), one.tried[one.whole]
    if not one.radius[best]:
        return f"No ball that was tried certifies anything on the {name} model."
    sure = f"{setting.length(float(wholes.max()))}" if len(wholes) else "none"
    line = (
        f"On the {name} model the envelope certifies most, {setting.length(float(one.radius[best]))}, with the ball of "
        f"{setting.length(float(one.tried[best]))}; the largest ball tried that is certified as a whole: {sure}."
    )
    if one.radius[-1] < 0.98 * one.radius[best]:
        line += (
            f" The ball of {setting.length(float(one.tried[-1]))} certifies "
            f"{setting.length(float(one.radius[-1])) if one.radius[-1] else 'nothing'}: its planes are looser."
        )
    return line


def snippet(address: str) -> str:
    """Return Python that computes the envelopes of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(view: Envelopes, setting: Setting) -> bytes:
    """Return each tried ball and each corner of its envelope as CSV (RFC 4180), in pixel units."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("model", "radius of the ball", "certified distance", "whole ball", "corner", "across", "up"))
    for letter, name, one in zip("AB", setting.names, view.models.values(), strict=False):
        for t, (eps, radius, whole) in enumerate(
            zip(one.tried.tolist(), one.radius.tolist(), one.whole.tolist(), strict=True)
        ):
            for corner, (u, v) in enumerate(one.polygon(t).tolist() or [("", "")]):
                writer.writerow((f"{letter} {name}", eps, radius, int(whole), corner, u, v))
    return out.getvalue().encode()
