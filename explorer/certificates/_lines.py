"""Lines for every ReLU and maximum of a network, from bounds by back-substitution or by intervals."""

from torch import Tensor

from explorer.certificates._back import back, differences, endless, least
from explorer.certificates._intervals import affine_only, intervals, is_exact, through
from explorer.certificates._relax import Lines, Relaxation, largest
from explorer.certificates._trace import refuse_costly, traced
from explorer.certificates.ball import Ball
from explorer.certificates.network import INPUT, Network, Step
from explorer.core.progress import Tick, silent


def by_rows(net: Network, ball: Ball, relax: Relaxation, tick: Tick = silent) -> dict[int, Lines]:
    """Return lines from bounds that come by full back-substitution, layer after layer.

    Where intervals are exact, as behind the first layer in l_inf, by them.

    Raises `UserError` where the rows are too many.
    """
    bounds, lines = {INPUT: ball.limits}, dict[int, Lines]()
    affine = affine_only(net)
    mixed = [index for index in net.inner if net.steps[index].kind in ("affine", "sum")]
    rows = {index for index in mixed if not is_exact(net, ball, index)}
    refuse_costly(net, sorted(rows))
    for index, step in enumerate(net.steps):
        tick(index, len(net.steps))
        if step.kind in ("relu", "maximum"):
            lines[index] = _lines(step, relax, *bounds[step.sources[0]])
        if index in rows:
            bounds[index] = traced(net, ball, index, lines)
        elif index in affine or step.kind in ("relu", "maximum"):
            bounds[index] = through(step, [bounds[source] for source in step.sources])
    return lines


def by_intervals(net: Network, ball: Ball, relax: Relaxation, tick: Tick = silent) -> dict[int, Lines]:
    """Return lines from bounds that come by interval propagation."""
    bounds = intervals(net, ball, tick)
    return {
        index: _lines(step, relax, *bounds[step.sources[0]])
        for index, step in enumerate(net.steps)
        if step.kind in ("relu", "maximum")
    }


def planes(net: Network, ball: Ball, labels: Tensor, lines: dict[int, Lines]) -> tuple[Tensor, Tensor]:
    """Return affine lower bounds of the margins over the ball: rows (N, K, *shape) of the pixels, and shifts (N, K)."""
    return below(net, differences(labels, net.classes, ball.x), lines)


def below(net: Network, rows: Tensor, lines: dict[int, Lines]) -> tuple[Tensor, Tensor]:
    """Return planes below rows (N, R, K) of the logits: rows (N, R, *shape) of the pixels, and shifts (N, R)."""
    ends, shift = back(net, len(net.steps) - 1, rows, lines)
    return ends.get(INPUT, rows.new_zeros(*shift.shape, *net.shape)), shift


def _lines(step: Step, relax: Relaxation, low: Tensor, high: Tensor) -> Lines:
    return relax(low, high) if step.kind == "relu" else largest(step, low, high)


def lowest(ball: Ball, labels: Tensor, rows: Tensor, shift: Tensor) -> Tensor:
    """Return the lower bounds of the margins, (N, K), that planes give: their minima over the ball."""
    return endless(least(ball, {INPUT: rows}, shift, {}, exact=True), labels)
