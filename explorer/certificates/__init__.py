"""Certificates: what can be proved of a network around a picture. One file each; `run.py` judges.

Signature: `(net, ball, labels, *, knobs..., rng, tick)`, the last two only where the certificate uses them. What comes
back is said by `gives`.
"""

from collections.abc import Callable
from typing import Literal

from explorer.core.norms import Norm
from explorer.core.registry import F, Registry

CERTIFICATES = Registry("explorer.certificates", "certificate")
Gives = Literal["margins", "radius"]
Says = Literal["proved", "probable", "exact"]


def certificate(
    title: str,
    *,
    norms: tuple[Norm, ...],
    gives: Gives,
    says: Says = "proved",
    search: bool = False,
    shallow: bool = False,
    paper: str = "",
) -> Callable[[F], F]:
    """Return the decorator that registers a certificate under its function's name.

    norms : those it serves
    gives : "margins": lower bounds (N, K) on logits[label] - logits[k] over the whole ball, infinite at the label: a
        ball is certified where all are positive; "radius": (N,), a radius at most that of the ball within which the
        label is certified, 0 where none is
    search : a radius of a smaller ball may be larger, as bounds are tighter there: the largest is searched for
    says : what its answer is: proved; probable (true with a stated confidence); exact (nothing larger holds, unless
        its time ran out)
    shallow : it knows networks of one hidden layer only
    paper : "arXiv:..." or another name that leads to it
    """
    return CERTIFICATES.register(
        title, paper=paper, norms=norms, gives=gives, says=says, search=search, shallow=shallow
    )
