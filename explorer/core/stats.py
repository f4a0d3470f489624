"""Rates with their uncertainty."""

from dataclasses import dataclass
from functools import lru_cache

from scipy.stats import binomtest


@lru_cache(4096)  # a matrix of shares has hundreds of cells and few different ones
def _wilson(hits: int, n: int) -> tuple[float, float]:
    found = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`, with the 95 % Wilson interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share of hits."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval."""
        return _wilson(self.hits, self.n)

    @property
    def cell(self) -> str:
        """The rate for a table: "90.0% (88.0%–91.7%)"."""
        low, high = map(_percent, self.interval)
        return f"{_percent(self.value)} ({low}–{high})"

    def __str__(self) -> str:
        low, high = map(_percent, self.interval)
        return f"{_percent(self.value)} (n = {self.n:,}, 95 % interval {low} to {high})"


def _percent(p: float) -> str:
    """Return a share in percent, with the digits it takes not to read 0 or 100 where it is neither."""
    texts = (f"{p:.{digits}%}" for digits in range(1, 16))
    return next(text for text in texts if p in (0, 1) or float(text[:-1]) not in (0, 100))
