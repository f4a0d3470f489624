"""The least value of a linear function over a ball in the box: against solvers."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog, minimize

from explorer.certificates.ball import Ball
from explorer.core.device import generator
from explorer.core.norms import CONVEX, length, random_in_ball

SIZE = 7


def program(row: np.ndarray, x: np.ndarray, norm: str, eps: float, box: bool) -> float:
    """Return the minimum of row · x' by a linear programme, or in l2 by sequential quadratic programmes."""
    low, high = (np.maximum(0, x - eps), np.minimum(1, x + eps)) if box else (x - eps, x + eps)
    if norm == "linf":
        return linprog(row, bounds=np.stack([low, high], 1)).fun
    if norm == "l1":  # x' = x + a - b, a, b >= 0, sum of both at most eps
        up, down = (1 - x, x) if box else (np.full(SIZE, eps), np.full(SIZE, eps))
        bounds = np.stack([np.zeros(2 * SIZE), np.concatenate([up, down])], 1)
        found = linprog(np.concatenate([row, -row]), np.ones((1, 2 * SIZE)), [eps], bounds=bounds)
        return found.fun + row @ x
    inside = {"type": "ineq", "fun": lambda z: eps**2 - ((z - x) ** 2).sum(), "jac": lambda z: -2 * (z - x)}
    settings = {"jac": lambda z: row, "bounds": np.stack([low, high], 1), "constraints": [inside], "method": "SLSQP"}
    return min(
        minimize(lambda z: row @ z, x - sign * 1e-3 * row, options={"ftol": 1e-12, "maxiter": 500}, **settings).fun
        for sign in (1, 0.1)
    )


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("box", [True, False])
@pytest.mark.parametrize("eps", [0.05, 0.4, 1.5, 5.0])
def test_the_least_is_a_solver_s(norm, box, eps):
    rng = generator(int(eps * 100))
    x = torch.rand(4, SIZE, generator=rng, dtype=torch.float64)
    x[0, :3] = torch.tensor([0.0, 1.0, 0.0])
    rows = torch.randn(4, 3, SIZE, generator=rng, dtype=torch.float64)
    rows[1, 1, 2:5] = 0
    found = Ball(x, norm, torch.full((4,), eps, dtype=torch.float64), box).least(rows).numpy()
    truth = [
        [program(row, centre, norm, eps, box) for row in many]
        for many, centre in zip(rows.numpy(), x.numpy(), strict=True)
    ]
    size = rows.abs().sum(2).numpy() * (1 if box else 1 + eps)
    assert (found <= np.array(truth) + 1e-7).all()
    assert (found >= np.array(truth) - 3e-6 * size).all()


@pytest.mark.parametrize("norm", CONVEX)
def test_no_point_of_the_ball_is_below_its_least(norm):
    rng = generator(1)
    x, rows = torch.rand(3, 40, generator=rng), torch.randn(3, 5, 40, generator=rng)
    eps = torch.tensor([0.0, 0.3, 2.0])
    ball = Ball(x, norm, eps)
    quick, exact = ball.least(rows, exact=False), ball.least(rows)
    assert (quick <= exact + 1e-5).all()
    for i in range(3):
        delta = random_in_ball(x[i].expand(2000, -1), norm, 1.0, rng)
        points = (x[i] + delta / length(delta, norm)[:, None] * eps[i]).clamp(0, 1)
        assert (points @ rows[i].T).amin(0).ge(exact[i] - 1e-5).all()
    assert torch.allclose(exact[0], (rows[0] * x[0]).sum(1), atol=1e-4)


def test_the_same_rows_for_all_pictures_may_be_given_once():
    rng = generator(2)
    x, rows = torch.rand(3, 2, 4, generator=rng), torch.randn(1, 5, 2, 4, generator=rng)
    for norm in CONVEX:
        ball = Ball(x, norm, torch.tensor([0.1, 0.2, 0.3]))
        assert torch.allclose(ball.least(rows), ball.least(rows.expand(3, -1, -1, -1)), atol=1e-6)


def test_zero_rows_and_zero_radii():
    x = torch.rand(2, 6, generator=generator(3))
    for norm in CONVEX:
        found = Ball(x, norm, torch.tensor([0.0, 0.5])).least(torch.zeros(2, 1, 6))
        assert found.abs().max() <= 1e-6
