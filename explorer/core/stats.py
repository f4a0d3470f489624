"""Rates with their uncertainty."""

from dataclasses import dataclass

from scipy.stats import binomtest


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
        found = binomtest(self.hits, self.n).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} (n = {self.n:,}, 95 % interval {low:.1%} to {high:.1%})"
