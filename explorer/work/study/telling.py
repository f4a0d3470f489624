"""What claims are told in: means and differences over seeds, each with n and its 95 % interval."""

from explorer.core.arms import limited
from explorer.core.results import Trials
from explorer.core.stats import Mean, Rate


def mean(trials: Trials, key: str) -> Mean:
    """Return the mean of a figure over a kind's seeds."""
    return Mean.of(trials.figures[key])


def rate(trials: Trials, key: str) -> str:
    """Return the mean of a figure that is a share, in percent: "13.0% (9.1%–16.9%, n = 3)"."""
    found = Mean.of_shares(trials.figures[key])
    return f"{found.share[:-1]}, n = {found.n})"


def counted(trials: Trials, key: str) -> str:
    """Return the mean of a share that is no rate of trials, as of weights that are 0, in percent."""
    found = mean(trials, key)
    return f"{found.share[:-1]}, n = {found.n})"


def amount(trials: Trials, key: str) -> str:
    """Return the mean of a figure that is no share and not negative, as a length: "0.81 (0.79 to 0.83, n = 3)"."""
    return span(limited(trials.figures[key]))


def tally(hits: int, n: int) -> str:
    """Return how many trainings end in some way, with the Wilson interval of their share: "2 of 3 (20.8%–93.9%)"."""
    low, high = Rate(hits, n).interval
    return f"{hits} of {n} ({low:.1%}–{high:.1%})"


def less(one: Trials, other: Trials, key: str) -> Mean:
    """Return the mean difference of a figure, seed by seed: models of one seed began with the same weights."""
    return Mean.of(one.figures[key] - other.figures[key])


def above(found: Mean, sign: int = 1) -> bool | None:
    """Return whether a mean is above 0 (below, with a sign of -1); None where its interval has 0 within."""
    low, high = sorted(sign * one for one in found.interval)
    return True if low > 0 else False if high < 0 else None


def points(found: Mean) -> str:
    """Return a difference of shares in points: "+4.1 points (+1.0 to +7.2, n = 3)"."""
    low, high = (100 * one for one in found.interval)
    return f"{100 * found.value:+.1f} points ({low:+.1f} to {high:+.1f}, n = {found.n})"


def span(found: Mean) -> str:
    """Return a mean that is no share: "0.81 (0.79 to 0.83, n = 3)"."""
    low, high = found.interval
    return f"{found.value:.3g} ({low:.3g} to {high:.3g}, n = {found.n})"
