"""Rates and means with their uncertainty."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import stdtrit
from scipy.stats import binom, binomtest, rankdata

from explorer.core.results import Array


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


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `n` values, with Student's 95 % interval."""

    value: float
    n: int
    interval: tuple[float, float]

    @classmethod
    def of(cls, values: Array) -> "Mean":
        """Return the mean of values (N,), N at least 2; each is one draw, independent of the others.

        Of equal values the interval is that value.
        """
        if (values == values[0]).all():
            return cls(float(values[0]), len(values), (float(values[0]), float(values[0])))
        n, mean = len(values), float(values.mean(dtype=np.float64))
        half = float(stdtrit(n - 1, 0.975) * values.std(ddof=1, dtype=np.float64) / n**0.5)  # Student's t
        return cls(mean, n, (mean - half, mean + half))

    @classmethod
    def of_shares(cls, values: Array) -> "Mean":
        """Return the mean of values (N,) in [0, 1], with an interval in there.

        Of values that are all 0, or all 1, it is that of as many hits or misses: their mean is at least as near to
        them as the rate of any other value is small.
        """
        if values[0] in (0, 1) and (values == values[0]).all():
            return cls(float(values[0]), len(values), Rate(int(values[0]) * len(values), len(values)).interval)
        found = cls.of(values)
        return cls(found.value, found.n, (max(found.interval[0], 0.0), min(found.interval[1], 1.0)))

    @classmethod
    def of_ratio(cls, parts: Array, wholes: Array) -> "Mean":
        """Return sum(parts) / sum(wholes) for N pairs, with its interval by the residuals parts - ratio·wholes.

        Of the whole sums, not the mean of ratios, which one small whole would rule. Cochran 1977, Sampling
        Techniques, sec. 2.11.
        """
        parts, wholes = parts.astype(np.float64), wholes.astype(np.float64)
        ratio = float(parts.sum() / wholes.sum())
        low, high = cls.of(parts - ratio * wholes).interval
        half = (high - low) / 2 / abs(float(wholes.mean()))
        return cls(ratio, len(parts), (ratio - half, ratio + half))

    @classmethod
    def jackknifed(cls, value: float, without: Array) -> "Mean":
        """Return a statistic of N draws with its interval by the jackknife, from its values (N,) without one draw each.

        For what is no mean of independent values, such as a mean over pairs of draws: a pair hangs on both its draws,
        and N (N - 1) / 2 pairs are not so many values. Tukey 1958; Efron & Stein 1981: on the average the variance is
        not too small. Of a smooth statistic only: neither a median nor a count of dimensions.
        """
        n, without = len(without), without.astype(np.float64)
        half = float(stdtrit(n - 1, 0.975) * ((n - 1) / n * ((without - without.mean()) ** 2).sum()) ** 0.5)
        return cls(value, n, (value - half, value + half))

    @classmethod
    def bootstrapped(cls, value: float, again: Array, n: int) -> "Mean":
        """Return a statistic of `n` draws with its percentile interval, from its values (R,) on draws from those draws.

        For what neither a formula nor the jackknife serves, such as what is made of medians. Of infinite values, too.
        Efron 1979.
        """
        method: Any = "linear" if np.isfinite(again).all() else "inverted_cdf"  # between the infinite lies nothing
        low, high = np.quantile(again.astype(np.float64), [0.025, 0.975], method=method)
        return cls(value, n, (float(low), float(high)))

    @property
    def share(self) -> str:
        """The mean of shares in percent: "94.8% (94.3%–95.2%)", "−0.3% (−0.3% to −0.2%)"."""
        low, high = map(_percent, self.interval)
        return f"{_percent(self.value)} ({low}{' to ' if self.interval[0] < 0 else '–'}{high})"

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3g} (n = {self.n:,}, 95 % interval {low:.3g} to {high:.3g})"


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of `n` shares in [0, 1], each of some draws that belong together, with a 95 % interval within [0, 1].

    Wilson's, of as many independent draws as have the variance of the mean of shares, with Student's quantile for
    the n that vary; of shares that are all 0 or all 1, of n draws. Franco et al. 2019, J. Surv. Stat. Methodol. 7:334.
    """

    value: float
    n: int
    interval: tuple[float, float]

    @classmethod
    def of(cls, shares: Array) -> "Pooled":
        """Return the mean of shares (N,), N at least 2, independent of each other."""
        n, p = len(shares), float(shares.mean(dtype=np.float64))
        spread = float(shares.var(ddof=1, dtype=np.float64)) / n
        m = p * (1 - p) / spread if spread > 0 else n
        z = float(stdtrit(n - 1, 0.975))
        centre, half = p + z * z / 2 / m, z * (p * (1 - p) / m + (z / 2 / m) ** 2) ** 0.5
        low, high = ((centre + side * half) / (1 + z * z / m) for side in (-1, 1))
        return cls(p, n, (max(0.0, low) if p > 0 else 0.0, min(1.0, high) if p < 1 else 1.0))  # not but for rounding

    def __str__(self) -> str:
        low, high = map(_percent, self.interval)
        return f"{_percent(self.value)} (n = {self.n:,}, 95 % interval {low} to {high})"


def over_pairs(values: Array, among: Array) -> tuple[float, Array] | None:
    """Return a mean over pairs of draws, and the means without one draw's pairs each, for `Mean.jackknifed`.

    values, among : (N, N), symmetric: the numbers, and which pairs count (no draw with itself). A draw in no pair
        counts for nothing. None where leaving one out leaves no pair.
    """
    kept = among.any(1)
    among, values = among[kept][:, kept], values[kept][:, kept]
    chosen, counts = np.where(among, values, 0).astype(np.float64), among.sum(1)
    total, count = chosen.sum(), counts.sum()
    if len(counts) < 3 or (count == 2 * counts).any():
        return None
    return float(total / count), (total - 2 * chosen.sum(1)) / (count - 2 * counts)


@dataclass(frozen=True, slots=True)
class Median:
    """The median of `n` values, with the 95 % interval between two of them that holds whatever their distribution."""

    value: float
    n: int
    interval: tuple[float, float]

    @classmethod
    def of(cls, values: Array) -> "Median":
        """Return the median of values (N,), infinite ones among them; each is one draw, independent of the others.

        The interval is that of the sign test, by order statistics: of fewer than 6 values it is unbounded.
        David & Nagaraja 2003, Order Statistics, sec. 7.1.
        """
        ordered, n = np.sort(values.astype(np.float64)), len(values)
        j = int(binom.ppf(0.025, n, 0.5))
        bounds = (float(ordered[j - 1]), float(ordered[n - j])) if j else (-np.inf, np.inf)
        return cls(float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2), n, bounds)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3g} (n = {self.n:,}, 95 % interval {low:.3g} to {high:.3g})"


def redrawn(n: int, times: int = 500) -> Array:
    """Return how often each of `n` draws is drawn, `n` times with replacement, (times, n): the same every time."""
    return np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), times)


def medians(values: Array, weights: Array) -> Array:
    """Return the lower median of each column of values (N, B) under each row of weights (R, N), (R, B).

    NaN counts for nothing, infinity as farther than all; a column in which nothing but NaN has a weight is NaN.
    """
    found = np.full((len(weights), values.shape[1]), np.nan)
    for b, column in enumerate(values.T):
        order = np.argsort(column)[: (~np.isnan(column)).sum()]
        if len(order):
            held = weights[:, order].cumsum(1)
            first = (held < (held[:, -1:] + 1) // 2).sum(1)
            found[:, b] = np.where(held[:, -1] > 0, column[order][first], np.nan)
    return found


def rank_correlation(a: Array, b: Array) -> float | None:
    """Return Spearman's rank correlation of two arrays of one shape, ties at mean ranks; None where one is flat."""
    (found,) = rank_correlations(a[None], b[None])
    return None if np.isnan(found) else float(found)


def rank_correlations(a: Array, b: Array) -> Array:
    """Return Spearman's rank correlation of each pair of N arrays (N, ...), (N,) float64; NaN where one is flat."""
    ranks = (rankdata(values.reshape(len(values), -1), axis=1) for values in (a, b))
    first, second = (rank - rank.mean(1, keepdims=True) for rank in ranks)
    with np.errstate(invalid="ignore"):
        found: Array = (first * second).sum(1) / np.sqrt((first**2).sum(1) * (second**2).sum(1))
    return found


def _percent(p: float) -> str:
    """Return a share in percent, with the digits it takes not to read 0 or 100 where it is neither."""
    texts = (f"{p:.{digits}%}" for digits in range(1, 16))
    return next(text for text in texts if p in (0, 1) or float(text[:-1]) not in (0, 100))
