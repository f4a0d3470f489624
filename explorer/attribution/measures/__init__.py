"""Measures of maps over a data set: one file each, a plain function of many pictures; `run.py` checks what it gives.

Signature: `(case, *, knobs..., rng, tick, other) -> name -> numbers`, the last three parameters only where the measure
uses them. Numbers are (N,), one for each picture, or (N, K), its curve; NaN where a picture has none. A measure of two
models takes the `other` one's case.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from explorer.core.registry import F, Registry

MEASURES = Registry("explorer.attribution.measures", "measure")
Need = Literal["pictures", "object", "sums"]


def measure(
    title: str,
    *,
    values: Mapping[str, str],
    paper: str,
    needs: tuple[Need, ...] = (),
    curves: Mapping[str, str] | None = None,
    own: bool = False,
    places: Callable[[Any], list[str]] | None = None,
) -> Callable[[F], F]:
    """Return the decorator that registers a measure under its function's name.

    values, curves : what each number, and each curve, is, for an axis; the first is the one that is compared
    paper : "arXiv:..." or another name that leads to it
    needs : "pictures": rows and columns; "object": pictures whose object is known; "sums": a method whose maps
        are to sum to something
    own : it looks at the input gradient, and at no other method's maps
    places : names the places of the curves of a case, where they have names
    """
    return MEASURES.register(
        title, paper=paper, values=values, curves=curves or {}, needs=needs, own=own, places=places
    )
