"""How many pictures are proved safe, in words, and as code."""

from collections.abc import Mapping

from explorer.core.results import Bracket, Proofs
from explorer.core.stats import Rate
from explorer.core.words import amount
from explorer.figures.certified import proved_by
from explorer.figures.methods import BROKEN, Method, certified_by, undecided
from explorer.figures.ruled import not_asked
from explorer.figures.setting import Setting

SNIPPET = '''"""How many pictures are proved safe on two models, computed again from an address."""

from explorer import run
from explorer.core.stats import Rate

found = run({address})
for model, methods in found.models.items():
    for name, bracket in methods.items():
        for eps in (0.0, found.top / 4, found.top / 2):
            sure, stands = bracket.certified(eps), bracket.standing(eps)
            print(f"{{model}}, {{name}} at {{eps:.4f}}: certified {{Rate(int(sure.sum()), len(sure))}}, "
                  f"not broken {{Rate(int(stands.sum()), len(stands))}}")
'''


def told(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    """Return how many pictures are proved, stand, and are unknown at the budget; the last says what was computed."""
    lines = [_one(some, setting, methods, i) for i, some in enumerate(proofs.models.values())]
    lines += _probable(proofs, setting, methods)
    lines += _late(proofs, setting, methods)
    lines += not_asked(proofs, setting, methods)
    if proofs.missing:
        lines.append(f"{amount(proofs.missing, 'part')} {'is' if proofs.missing == 1 else 'are'} still on the way.")
    n = len(next(iter(next(iter(proofs.models.values())).values())).labels)
    return [
        *lines,
        f"Of the first {n:,} test pictures, looked at up to {setting.length(proofs.top)}. A picture that the model "
        "gets wrong by itself counts as neither proved nor standing.",
    ]


def _one(some: Mapping[str, Bracket], setting: Setting, methods: Mapping[str, Method], i: int) -> str:
    name, eps, n = setting.names[i], setting.budget, len(next(iter(some.values())).labels)
    proved, known = proved_by(some, methods), some.get(BROKEN)
    if proved is None:
        return f"Nothing can be proved of the {name} model."
    sure = proved.certified(eps)
    line = f"At {setting.eps_text}, {Rate(int(sure.sum()), n)} of the pictures are proved safe on the {name} model"
    if known is None:
        return f"{line}."
    stands = known.standing(eps)
    open_ = Rate(int((stands & ~sure).sum()), n)
    return (
        f"{line}, and {Rate(int(stands.sum()), n)} stand under the attack that was tried; of the difference, {open_}, "
        "nobody here knows."
    )


def _probable(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    lines = []
    for i, some in enumerate(proofs.models.values()):
        for name, bracket in some.items():
            if methods[name].says == "probable" and not bracket.sentence:
                sure = certified_by(methods[name], bracket, setting.budget)
                rate = Rate(int(sure.sum()), len(sure))
                lines.append(
                    f"Of the smoothed {setting.names[i]} model, which is another one, {rate} are probably safe "
                    f"({methods[name].title})."
                )
    return lines


def _late(proofs: Proofs, setting: Setting, methods: Mapping[str, Method]) -> list[str]:
    """Return of how many pictures exact answers ran out of time, a sentence for each method and model."""
    lines = []
    for name, some in zip(setting.names, proofs.models.values(), strict=False):
        for method, bracket in some.items():
            count = int(undecided(methods[method], bracket, proofs.top).sum())
            if count and bracket.low.any():
                lines.append(
                    f"{methods[method].title}, {name} model: {count} of {len(bracket.low)} pictures are not decided; "
                    "what was proved of them when time ran out counts."
                )
    return lines


def snippet(address: str) -> str:
    """Return Python that computes the radii of an address again by the public interface and prints the shares."""
    return SNIPPET.format(address=ascii(address))
