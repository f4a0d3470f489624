"""What the Certificate page can ask of a picture: every certificate of the norm, and an attack beside them."""

import inspect

from explorer.attacks import ATTACKS
from explorer.certificates import CERTIFICATES
from explorer.core.norms import CONVEX, SYMBOLS, Norm
from explorer.data import DATA
from explorer.work.request import Request, unit_of

ALL, BROKEN = "all", "attack"
ATTACK = "fmn"  # the smallest change in each convex norm
ORDER = (  # quick ones first
    "layer_norms", "path_norm", "ibp", "crown_ibp", "half_path_norm", "lipopt", "fast_lin", "crown", "envelope",
    "alpha_crown", "smoothing", "exact",
)  # fmt: skip
SCALES = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4)  # of a data set's usual budget


def asked(request: Request) -> tuple[str, ...]:
    """Return the methods that a request asks, the quick ones first: the attack, and the certificates of its norm."""
    one = str(dict(request.choices)["proof"])
    return tuple(name for name in known(request) if one in (ALL, name))


def known(request: Request) -> tuple[str, ...]:
    """Return the methods of a request's norm, in the order in which they are shown."""
    served = [name for name in CERTIFICATES if request.norm in CERTIFICATES[name].facts["norms"]]
    place = {name: i for i, name in enumerate(ORDER)}
    return (BROKEN, *sorted(served, key=lambda name: (place.get(name, len(ORDER)), name)))


def described(request: Request) -> dict[str, tuple[str, str, float]]:
    """Return the title, what is said and the doubt of each method of a request's norm, the attack last.

    doubt : the probability that what a method says of a picture is wrong, where it has one
    """
    order = sorted(known(request), key=lambda name: name == BROKEN)
    return {name: (title(name), _says(name), _doubt(name)) for name in order}


def _says(name: str) -> str:
    return "broken" if name == BROKEN else str(CERTIFICATES[name].facts["says"])


def _doubt(name: str) -> float:
    knobs = CERTIFICATES[name].knobs if name != BROKEN else {}
    return float(knobs["alpha"].default) if _says(name) == "probable" and "alpha" in knobs else 0.0


def refusal(request: Request) -> str:
    """Return in a sentence why nothing can be asked, or ""."""
    one = str(dict(request.choices)["proof"])
    if request.norm in CONVEX:
        return "" if asked(request) else f"{title(one)} proves nothing in {SYMBOLS[request.norm]}: choose another."
    return "What is proved here holds within a budget in ℓ∞, ℓ2 or ℓ1: choose one of these at the left."


def base(request: Request) -> int:
    """Return the budget whose double is as far as is looked: one of few, so that most of the slider asks for nothing.

    In the data's unit; the smallest of the usual budget's eighth, quarter, half, single, double and fourfold that is
    at least three quarters of the chosen one.
    """
    usual = int(DATA[request.data].facts["eps"][request.norm])
    ladder = [max(1, round(usual * scale)) for scale in SCALES]
    return next((eps for eps in ladder if eps >= 0.75 * request.eps), ladder[-1])


def top(request: Request) -> float:
    """Return how far is looked, in pixel units."""
    return top_of(request.data, request.norm, base(request))


def top_of(data: str, norm: Norm, eps: int) -> float:
    """Return twice a budget in pixel units, in linf no more than all."""
    far = 2 * eps / unit_of(data, norm)
    return min(far, 1.0) if norm == "linf" else far


def title(name: str) -> str:
    """Return what to call a method."""
    return f"Attack: {ATTACKS[ATTACK].title.lower()}" if name == BROKEN else CERTIFICATES[name].title


def seeded(name: str) -> bool:
    """Return whether a method makes random choices."""
    return name == BROKEN or "rng" in inspect.signature(CERTIFICATES[name].run).parameters
