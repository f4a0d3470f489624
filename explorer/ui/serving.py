"""Which attack can serve what is chosen: why another cannot, and what takes its place."""

from explorer.attacks import ATTACKS
from explorer.core.norms import SYMBOLS, Norm
from explorer.core.registry import Entry
from explorer.work.request import norms_of

KNOWS = {  # what the attacker sees, strongest first
    "gradients": "Gradients",
    "scores": "Scores",
    "decisions": "Decisions",
    "nothing": "Nothing",
}


def by_knowledge() -> list[Entry]:
    """Return all attacks, those that see most first, and by title."""
    return sorted(ATTACKS.values(), key=lambda entry: (list(KNOWS).index(entry.facts["knows"]), entry.title))


def why_not(data: str, norm: Norm, attack: str) -> str:
    """Return the reason why an attack cannot serve a data set in a norm: "works in ℓ2 only"; "" where it can."""
    norms = norms_of(data, attack)
    if not norms:
        return "works on pictures, not points"
    return "" if norm in norms else f"works in {listed(norms)} only"


def stand_in(data: str, norm: Norm) -> str:
    """Return the attack that takes the place of one that cannot serve: PGD, or else the first that can."""
    names = ["pgd", *(entry.name for entry in by_knowledge())]
    return next(name for name in names if norm in norms_of(data, name))


def listed(norms: tuple[Norm, ...]) -> str:
    """Return norms as people list them: "ℓ∞, ℓ2 and ℓ1"."""
    *most, last = (SYMBOLS[norm] for norm in norms)
    return f"{', '.join(most)} and {last}" if most else last
