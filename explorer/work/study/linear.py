"""Adversarial training of a linear model in two dimensions, where all can be said exactly."""

import numpy as np
from scipy.optimize import minimize

from explorer.core.results import Array, Linear
from explorer.data import load_data

STEPS = 25  # budgets, evenly from 0 to `BEYOND` times the threshold
BEYOND = 1.5


def linear(count: int = 400) -> Linear:
    """Return the least attacked loss of a linear model for a row of budgets in l_inf, on the toy data.

    The model is w·x without a bias, x less its mean, y = -1 or 1: its loss at the worst point of the budget is
    log(1 + exp(-y·w·x + eps·|w|_1)), convex in w. w = 0, which answers nothing, is the best of all exactly from
    eps = |mean(y·x)|_inf on: below that a direction d has mean(y·x)·d > eps·|d|_1, and a small step along it helps.
    Derived in Liu et al. 2020 (arXiv:2006.08403), sec. 3, of the logistic loss.
    """
    data = load_data("toy", "train").first(count)
    x, y = data.x.numpy().astype(np.float64), np.where(data.y.numpy() == 0, -1.0, 1.0)
    x = x - x.mean(0)
    way = (y[:, None] * x).mean(0)
    threshold = float(np.abs(way).max())
    eps = np.linspace(0, BEYOND * threshold, STEPS)
    found = [_least(x, y, float(one)) for one in eps]
    return Linear(x, y, way, threshold, eps, np.array([w for w, _ in found]), np.array([loss for _, loss in found]))


def _least(x: Array, y: Array, eps: float) -> tuple[Array, float]:
    """Return the w of the least attacked loss, and that loss; w = u - v, u and v not negative, where it is smooth."""

    def both(z: Array) -> tuple[float, Array]:
        w = z[:2] - z[2:]
        reach = -y * (x @ w) + eps * z.sum()
        slope = 1 / (1 + np.exp(-reach))
        toward = -(slope * y) @ x / len(y)
        return float(np.logaddexp(0, reach).mean()), np.concatenate([toward, -toward]) + eps * slope.mean()

    found = minimize(both, np.zeros(4), jac=True, bounds=[(0, None)] * 4, method="L-BFGS-B")
    return found.x[:2] - found.x[2:], float(found.fun)
