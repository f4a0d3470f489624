"""What is known of one picture, in words, as a table, as code."""

import csv
from collections.abc import Mapping
from io import StringIO

from explorer.core.results import Bracket, Proofs
from explorer.core.words import amount
from explorer.figures.methods import BROKEN, Known, Method, known, undecided
from explorer.figures.setting import Setting

SNIPPET = '''"""How far one picture is proved safe on two models, computed again from its address."""

from explorer import run

found = run({address})
for model, methods in found.models.items():
    for name, bracket in methods.items():
        print(f"{{model}}, {{name}}: proved {{bracket.low[0]:.4g}}, broken {{bracket.high[0]:.4g}}")
'''


def told(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    """Return what is proved, what is only probable, what is broken and what is not known, a sentence each."""
    lines = []
    for i, some in enumerate(proofs.models.values()):
        lines.append(_one(known(some, methods, proofs.top), setting, methods, i))
        lines += [_probable(some[name], setting, method, i) for name, method in methods.items() if _says(some, method)]
    lines += not_asked(proofs, setting, methods)
    for name, some in zip(setting.names, proofs.models.values(), strict=False):
        late = {m: one.sentence for m, one in some.items() if one.sentence and one.low.any()}
        lines += [f"{methods[m].title}, {name} model: {sentence}" for m, sentence in late.items()]
    if proofs.missing:
        lines.append(f"{amount(proofs.missing, 'answer')} {'is' if proofs.missing == 1 else 'are'} still on the way.")
    far = setting.length(proofs.top)
    return [
        *lines,
        f"Looked at up to {far}, proofs by bisection to 1/256 of that; every changed picture stays within [0, 1]. "
        "Seconds are those of this one picture, on the machine that computed it.",
    ]


def _says(some: Mapping[str, Bracket], method: Method) -> bool:
    return method.says == "probable" and method.name in some and not some[method.name].sentence


def _one(what: Known, setting: Setting, methods: Mapping[str, Method], i: int) -> str:
    """Return what is certain of one model, and what that means at the budget."""
    name = setting.names[i]
    if not what.right:
        return f"The {name} model is wrong about this picture by itself: there is nothing to prove."
    parts = [_proved(what, name, setting, methods), _broken(what, setting, methods)]
    low, high, eps = what.low, what.high, setting.budget
    if what.settled and what.by:
        parts.append("The two meet, to within 2 %: nothing is left open beyond that.")
    elif what.broken:
        parts.append(f"What lies between {setting.length(low)} and {setting.length(high)}, nobody here knows.")
    else:
        parts.append(
            f"What lies beyond {setting.length(low)}, nobody here knows: that no attack broke it proves nothing."
        )
    fate = "proved safe" if low >= eps else "broken" if high <= eps else "unknown: neither proved nor broken"
    return " ".join([*parts, f"At the budget, {setting.eps_text}, the picture is {fate}."])


def _proved(what: Known, name: str, setting: Setting, methods: Mapping[str, Method]) -> str:
    if not what.by:
        return f"Proved of the {name} model: nothing."
    return (
        f"Proved: no change up to {setting.length(what.low)} in {setting.symbol} makes the {name} model's answer "
        f"another ({methods[what.by].title})."
    )


def _broken(what: Known, setting: Setting, methods: Mapping[str, Method]) -> str:
    if not what.broken:
        return "Broken: the attack that was tried found no change within reach."
    by = methods[what.broken].title
    return f"Broken: there is a change of {setting.length(what.high)} that does ({by})."


def _probable(bracket: Bracket, setting: Setting, method: Method, i: int) -> str:
    who = f"the smoothed {setting.names[i]} model, which is not the model itself"
    if not bracket.low[0]:
        return f"Probably: nothing; {who}, abstains or gives another answer ({method.title})."
    sure = f"with a confidence of {100 * (1 - method.doubt):.6g} %"
    return f"Probably, {sure}: {who}, keeps its answer up to {setting.length(float(bracket.low[0]))} ({method.title})."


def not_asked(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    """Return which methods say nothing, of which model if not of all, and why: those of one reason together."""
    reasons: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for model, some in zip(setting.names, proofs.models.values(), strict=False):
        for name, bracket in some.items():
            if bracket.sentence and not bracket.low.any():
                titles, models = reasons.setdefault(bracket.sentence, ({}, {}))
                titles[methods[name].title] = models[model] = None
    return [
        f"{', '.join(titles)}{'' if len(models) == len(proofs.models) else f', {next(iter(models))} model'}: {reason}"
        for reason, (titles, models) in reasons.items()
    ]


def snippet(address: str) -> str:
    """Return Python that computes the brackets of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> bytes:
    """Return every method's answer as CSV (RFC 4180); distances in pixel units."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("model", "picture", "method", "kind", "holds within", "broken at", "right", "seconds of all", "note")
    )
    for letter, name, some in zip("AB", setting.names, proofs.models.values(), strict=False):
        for method, bracket in some.items():
            kind, late = methods[method].says, undecided(methods[method], bracket, proofs.top).tolist()
            for i, (low, high, right) in enumerate(
                zip(bracket.low.tolist(), bracket.high.tolist(), bracket.right.tolist(), strict=True)
            ):
                holds = "" if method == BROKEN else low
                said = "proved" if late[i] else kind
                row = (f"{letter} {name}", i, methods[method].title, said, holds, high, int(right))
                writer.writerow((*row, bracket.seconds, bracket.sentence))
    return out.getvalue().encode()
