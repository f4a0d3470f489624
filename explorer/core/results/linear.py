"""A linear model under attack in two dimensions."""

from dataclasses import dataclass

from explorer.core.results._rows import Array


@dataclass(frozen=True, eq=False, slots=True)
class Linear:
    """The least attacked loss of a linear model without a bias, by budget.

    x : (N, 2) float64, less their mean; y : (N,), -1 or 1; way : mean(y·x), (2,)
    threshold : the budget from which on w = 0 is the best; eps : (T,) budgets
    w : (T, 2), the best weights; loss : (T,), the least loss, ln 2 where w = 0
    """

    x: Array
    y: Array
    way: Array
    threshold: float
    eps: Array
    w: Array
    loss: Array
